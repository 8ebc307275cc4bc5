import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'

import { TradeFileError } from '../../feed/errors.ts'
import { readTrades } from '../../feed/files/read-trades.ts'
import { dbnOf } from '../support/dbn.ts'
import { zipOf } from '../support/zip.ts'

const CSV =
  'symbol,timestamp,price,volume,id,conditions,tape\nA,1760106720.5,10.5,2,7,"[""@""]",C\nB,1760106721,1,1,,,\n'
const DBN = dbnOf({
  version: 3,
  schema: 4,
  mappings: [{ symbol: 'ESH4', instrument: 5602, from: 20_240_101, until: 20_240_103 }],
  trades: [
    { instrument: 5602, nanos: 1_704_205_800_000_000_001n, price: 4_745_250_000_000n, size: 1, sequence: 7 },
    { instrument: 5602, nanos: 1_704_205_800_000_000_002n, price: 4_745_250_000_000n, size: 1, sequence: 8 },
  ],
})

/** A file of each kind. */
export const FILES: readonly Uint8Array[] = [
  CSV,
  '4359,93576.0,0.001,93.57,1735689600004821,True,True\n',
  '1381095255,123.30352,0.1\n1381095255,123.28,0.5\n',
  'ticker,conditions,correction,exchange,id,participant_timestamp,price,sequence_number,sip_timestamp,size,tape\nA,"12,37",0,11,1,1,190.0,11,1704204000001222111,5,3\n',
  'ts_recv,ts_event,action,price,size,sequence,symbol\n1,1704205800000000001,T,4745250000000,1,100,ESH4\n',
  'exchange,symbol,timestamp,local_timestamp,id,side,price,amount\nbinance,BTCUSDT,1598918400123000,1,400,buy,11650.01,0.5\n',
  '{"trades":{"AAPL":[{"t":"2024-01-02T14:30:00.1Z","x":"V","p":187.15,"s":100,"c":["@"],"i":1,"z":"C"}]}}',
  '{"type":"match","trade_id":1,"product_id":"BTC-USD","price":"1","size":"2","time":"2025-11-07T22:19:59Z"}\n{"type":"x"}\n',
  gzipSync(CSV),
  zstdCompressSync(CSV),
  zipOf({ 'a.csv': CSV, '20131008_bac_Trade_Tick.csv': '34200123.5,1374500,100,D,1,0\n' }),
  DBN,
].map((content) => Buffer.from(content))

let files = 0

/** Reads a file of these bytes: rows come of it, or one error that names the file. */
export async function readFile(bytes: Uint8Array): Promise<void> {
  const file = join(tmpdir(), `tickstock-fuzz-${process.pid}-${files++}`)
  await writeFile(file, bytes)
  try {
    for await (const { rows } of readTrades(file, { symbol: undefined }))
      for (const row of rows) if (!Number.isInteger(row.place)) throw new Error('a row has no place')
  } catch (error) {
    if (!(error instanceof TradeFileError)) throw error
    if (!error.message.includes(file))
      throw new Error(`the file is not named: ${error.message}`, { cause: error })
    if (error.message.length > 1000) throw new Error('the message quotes the file', { cause: error })
  } finally {
    await rm(file, { force: true })
  }
}
