import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type BarFileRow, readBars } from '../../../feed/files/bars/read-bars.ts'
import type { ReadOptions } from '../../../feed/files/read-trades.ts'
import { readTrades } from '../../../feed/files/read-trades.ts'
import { zipOf } from '../../support/zip.ts'

/** 2025-01-02T00:00:00Z */
const T = 1_735_776_000

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-bars-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function fileOf(name: string, ...lines: readonly string[]): string {
  const file = join(folder, name)
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

async function read(file: string, options?: ReadOptions) {
  const rows: BarFileRow[] = []
  let format = ''
  for await (const batch of readBars(file, options)) {
    format = batch.table.format.name
    rows.push(...batch.rows)
  }
  return { format, rows }
}

/** The bars of a file, each as one text. */
async function barsOf(file: string, options?: ReadOptions): Promise<string[]> {
  const { format, rows } = await read(file, options)
  return rows.map((row) => {
    if (row.type !== 'bar') return `${row.type}: ${row.reason}`
    const { symbol, timestamp, open, high, low, close, volume, notional, vwap, trades } = row.bar
    const minute = (Number(timestamp) - T) / 60
    return [format, symbol, minute, open, high, low, close, volume, notional, vwap, trades].join(' ')
  })
}

describe('files of bars, each as its vendor documents it:', () => {
  it('Binance, without a header and with one, in µs and ms', async () => {
    const row = (start: number, ms: number): string =>
      `${start},93000.5,93100,92900,93050,1.5,${start + 60 * ms - 1},139550.25,321,0.7,65100,0`
    const spot = fileOf('BTCUSDT-1m-2025-01-02.csv', row(T * 1e6, 1e6), row((T + 60) * 1e6, 1e6))
    expect(await barsOf(spot)).toEqual([
      'binance BTCUSDT 0 93000.5 93100 92900 93050 1.5 139550.25  321',
      'binance BTCUSDT 1 93000.5 93100 92900 93050 1.5 139550.25  321',
    ])
    const header =
      'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore'
    const futures = fileOf('ETHUSDT-1m-2025-01.csv', header, row(T * 1e3, 1e3))
    expect(await barsOf(futures)).toEqual(['binance ETHUSDT 0 93000.5 93100 92900 93050 1.5 139550.25  321'])
  })

  it('Kraken', async () => {
    const file = fileOf('XBTUSD_1.csv', `${T},10.1,12,9,11,0.25,4`, `${T + 180},11,11,11,11,1,1`)
    expect(await barsOf(file)).toEqual([
      'kraken XBTUSD 0 10.1 12 9 11 0.25   4',
      'kraken XBTUSD 3 11 11 11 11 1   1',
    ])
  })

  it('Massive (Polygon)', async () => {
    const header = 'ticker,volume,open,close,high,low,window_start,transactions'
    const file = fileOf('2025-01-02.csv', header, `AAPL,100,10,11,12,9,${T}000000000,7`)
    expect(await barsOf(file)).toEqual(['massive AAPL 0 10 12 9 11 100   7'])
  })

  it('Databento, with prices in billionths and as decimals', async () => {
    const header = 'ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume,symbol'
    const file = fileOf(
      'xnas-itch.ohlcv-1m.csv',
      header,
      `${T}000000000,33,2,32,10000000000,12500000000,9000000000,11000000000,5,MSFT`,
      '2025-01-02T00:01:00.000000000Z,33,2,32,10.000000000,12.5,9,11,5,MSFT',
      `${T + 3600}000000000,34,2,32,10,12,9,11,5,MSFT`,
    )
    expect((await barsOf(file)).slice(0, 1)).toEqual([
      'databento MSFT 0 10.000000000 12.500000000 9.000000000 11.000000000 5   ',
    ])
    expect((await barsOf(file))[2]).toBe('left-out: the rtype 34, not 33')
  })

  it('Alpaca, as its API answers and as its SDK writes', async () => {
    const api = fileOf(
      'bars.json',
      JSON.stringify({
        bars: {
          AAPL: [{ t: '2025-01-02T00:00:00Z', o: 10, h: 12, l: 9, c: 11, v: 100, n: 7, vw: 10.5 }],
        },
      }),
    )
    expect(await barsOf(api)).toEqual(['alpaca AAPL 0 10 12 9 11 100  10.5 7'])
    const sdk = fileOf(
      'alpaca.csv',
      'symbol,timestamp,open,high,low,close,volume,trade_count,vwap',
      'AAPL,2025-01-02 00:00:00+00:00,10,12,9,11,100,7,10.5',
    )
    expect(await barsOf(sdk)).toEqual(['tickstock AAPL 0 10 12 9 11 100  10.5 7'])
  })

  it('QuantConnect Lean, equities on New York’s clocks and crypto', async () => {
    const equity = join(folder, '20250102_trade.zip')
    writeFileSync(
      equity,
      zipOf({ '20250102_spy_minute_trade.csv': '34200000,5880000,5890000,5870000,5881000,123\n' }),
    )
    // 9:30 in New York.
    expect(await barsOf(equity)).toEqual([`lean SPY ${14.5 * 60} 588.0000 589.0000 587.0000 588.1000 123   `])
    const crypto = join(folder, 'crypto.zip')
    writeFileSync(crypto, zipOf({ '20250102_btcusd_minute_trade.csv': '60000,10.5,12,9,11,0.1\n' }))
    expect(await barsOf(crypto)).toEqual(['lean BTCUSD 1 10.5 12 9 11 0.1   '])
  })

  it('any table with usual names, in any order and case', async () => {
    const file = fileOf('own.csv', 'Close,Open,High,Low,Vol,Ticker,DateTime', `11,10,12,9,1,A,${T}`)
    expect(await barsOf(file)).toEqual(['tickstock A 0 10 12 9 11 1   '])
    const headerless = fileOf('bare.csv', `${T},10,12,9,11,1`)
    const columns = { type: 'list', names: ['time', 'open', 'high', 'low', 'close', 'volume'] } as const
    expect((await barsOf(headerless, { columns, symbol: 'B' })).at(-1)).toBe('tickstock B 0 10 12 9 11 1   ')
  })
})

describe('what has no bars of a minute is refused by name:', () => {
  const header = 'symbol,timestamp,open,high,low,close,volume'
  it.each([
    [
      'trades.csv',
      ['symbol,timestamp,price,volume', `A,${T},1,1`],
      'trades.csv is a CSV file of trades, not of bars: leave --bars out.',
    ],
    [
      'five.csv',
      [header, ...[0, 300, 900].map((at) => `A,${T + at},1,1,1,1,1`)],
      'five.csv has bars of 5 minutes: only bars of one minute can be imported',
    ],
    ['BTCUSDT-1h-2025-01.csv', ['1,1,1,1,1,1,1,1,1,1,1,1'], 'BTCUSDT-1h-2025-01.csv has bars of 60 minutes'],
    ['XBTUSD_15.csv', ['1,1,1,1,1,1,1'], 'XBTUSD_15.csv has bars of 15 minutes'],
    [
      'quotes.csv',
      ['symbol,timestamp,bid_price,ask_price', `A,${T},1,1`],
      'quotes.csv is a CSV file of quotes, not of bars.',
    ],
    ['other.csv', ['a,b', '1,2'], 'has bars of no known format: its columns are "a,b"'],
    [
      'nameless.csv',
      ['timestamp,open,high,low,close,volume', `${T},1,1,1,1,1`],
      'does not say which symbol its bars are of: give it with --symbol.',
    ],
  ])('%s', async (name, lines, says) => {
    await expect(read(fileOf(name, ...lines))).rejects.toThrow(says)
  })

  it('and bars where trades are read, with the way to import them', async () => {
    const file = fileOf('bars.csv', header, `A,${T},1,1,1,1,1`)
    await expect(readTrades(file).next()).rejects.toThrow(
      'bars.csv is a CSV file of bars, not of trades: tickstock import --bars reads those.',
    )
  })
})
