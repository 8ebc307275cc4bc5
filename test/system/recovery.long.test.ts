import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { DeleteItemCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { Client } from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'

import type { Deployment } from '../../bin/embedded/deployment.ts'
import { clientOptions } from '../../bin/stage/client-options.ts'
import { createKinesisClient } from '../../feed/kinesis-client.ts'
import { readArchive } from '../../functions/archive/read-archive.ts'
import { minuteText, recoveryCommands } from './support/recovery-page.ts'
import { type Row, readRows } from './support/replay-into.ts'
import { runCommand } from './support/run-command.ts'
import { DRILL_HOUR, startDrill } from './support/start-drill.ts'
import { readSignals } from './support/signal-rows.ts'
import { waitFor } from './support/wait-for.ts'

const T = DRILL_HOUR
const TABLE = 'tickstock-local-minute-state'

let data: string
let deployment: Deployment

beforeAll(async () => {
  const drill = await startDrill()
  ;({ data, deployment } = drill)
  return drill.end
})

const commandsOf = (section: string): string[] => recoveryCommands(section, T)
/** A minute after T, for SQL. */
const sqlMinute = (number: number): string => `'${minuteText(T + 60 * number)}:00Z'`

async function run(command: string): Promise<string> {
  const { code, stdout, stderr } = await runCommand(command.split(' '), deployment.runtime.environment)
  expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' })
  // A new worker reads the flags at once.
  if (command.startsWith('flag'))
    for (const part of ['aggregator', 'sweeper'])
      await deployment.runtime.killFunction(`tickstock-local-${part}`)
  return stdout
}

type Tick = readonly [time: number, price: number, volume: number, id: number]

let lastId = 0
/** A trade at a second after T. */
const at = (second: number, price: number): Tick => [T + second, price, 1, ++lastId]

async function put(symbol: string, ...ticks: readonly Tick[]): Promise<void> {
  const kinesis = createKinesisClient(deployment.runtime.environment)
  const Records = ticks.map((tick) => ({
    PartitionKey: symbol,
    Data: Buffer.from(JSON.stringify({ symbol, line: 'venue', ticks: [tick] })),
  }))
  await kinesis.send(new PutRecordsCommand({ StreamName: deployment.ticksStream, Records }))
}

/** Waits until the archive has so many trades. */
async function archived(trades: number): Promise<void> {
  const folder = join(data, 'aws', 's3', deployment.runtime.outputs['ArchiveBucket'] ?? '', 'objects')
  await waitFor(async () => {
    let rows = 0
    for (const file of globSync(`${folder}/ticks+/*/*/*.parquet`))
      for (const { count } of await readArchive(readFileSync(file))) rows += count
    return rows >= trades
  }, `${trades} trades in the archive`)
}

/** Minute after T, open, high, low, close, trades and revision of each bar of a symbol. */
async function barsOf(symbol: string): Promise<string[]> {
  return shown((await readRows(deployment.readOnlyUrl)).filter((row) => row.symbol === symbol))
}

function shown(rows: readonly Row[]): string[] {
  return rows.map(({ timestamp, open, high, low, close, trade_count, revision }) =>
    [(Date.parse(timestamp) / 1000 - T) / 60, open, high, low, close, trade_count, revision].join(' '),
  )
}

async function sql(statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ ...deployment.postgres.superuser, database: 'tickstock' })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows
  } finally {
    await client.end()
  }
}

/** All that the database has of the bars and their signals. */
const everything = async () => ({
  bars: await readRows(deployment.readOnlyUrl),
  revisions: await sql(
    'SELECT symbol, timestamp, revision, trade_count, close FROM bar_revisions ORDER BY symbol, timestamp, revision',
  ),
  ...(await readSignals(deployment.readOnlyUrl)),
})

async function loseStates(): Promise<void> {
  const client = new DynamoDBClient(clientOptions('DYNAMODB', deployment.runtime.environment))
  const { Items = [] } = await client.send(new ScanCommand({ TableName: TABLE }))
  for (const { symbol } of Items)
    if (symbol !== undefined) await client.send(new DeleteItemCommand({ TableName: TABLE, Key: { symbol } }))
}

const WHOLE = [
  '0 10 12 10 12 2 1',
  '1 13 14 13 14 3 3',
  '2 16 18 16 18 2 2',
  '3 19 21 19 21 2 1',
  '4 22 24 22 24 2 1',
  '10 30 30 30 30 1 1',
]

describe('the table minute-state is lost', () => {
  const [off = '', recover = '', on = '', rebuild = ''] = commandsOf('The table minute-state is lost')

  it('no bar loses trades or begins again with revision 1, and none has a trade twice', async () => {
    await put('AAPL', at(0, 10), at(40, 12), at(60, 13), at(120, 16), at(90, 14))
    await deployment.settle()
    expect(await barsOf('AAPL')).toEqual(['0 10 12 10 12 2 1', '1 13 14 13 14 2 2'])

    await run(off)
    await loseStates()
    expect(await run(recover)).toMatch(/^ +1 {2}symbols whose minutes with bars are finalized now$/m)
    await run(on)
    // Of a minute that has a bar, of the one that was open, and of those after; and one of them again.
    const again = at(180, 19)
    await put('AAPL', at(100, 14), at(150, 18), again, at(200, 21), again, at(240, 22), at(270, 24))
    await deployment.settle()
    expect(await barsOf('AAPL')).toEqual([
      '0 10 12 10 12 2 1',
      '1 13 14 13 14 2 2',
      // Open when the state was lost.
      '2 18 18 18 18 1 1',
      '3 19 21 19 21 2 1',
    ])
  })

  it('a rebuild brings in what the open minute and the finalized ones lack', async () => {
    await put('AAPL', at(600, 30))
    await deployment.flush()
    await archived(13)
    expect(await run(rebuild)).toMatch(/^ +2 {2}bars put$/m)
    await deployment.settle()
    expect(await barsOf('AAPL')).toEqual(WHOLE)
  })

  it('the same commands mend it when trades went on before', async () => {
    await put('MSFT', at(0, 10), at(60, 11), at(70, 12), at(125, 13))
    await deployment.settle()
    await loseStates()
    // Two late ones, whose bar takes the place of the one that had more trades.
    await put('MSFT', at(80, 14), at(130, 15), at(85, 16))
    await deployment.settle()
    await run(off)
    await run(recover)
    await run(on)
    await put('MSFT', at(90, 17), at(600, 18))
    await deployment.flush()
    await archived(22)
    await run(rebuild)
    await deployment.settle()
    const rows = await barsOf('MSFT')
    expect(rows.map((row) => row.split(' ').slice(0, 6).join(' '))).toEqual([
      '0 10 10 10 10 1',
      '1 11 17 11 17 5',
      '2 13 15 13 15 2',
      '10 18 18 18 18 1',
    ])
  })
})

describe('the database was restored, or is empty', () => {
  const [redeliver = '', rebuild = ''] = commandsOf('The database was restored, or is empty')

  it('emptied, it gets bars, revisions, indicators and patterns from the streams, as they were', async () => {
    const before = await everything()
    expect(before.revisions.length).toBeGreaterThan(1)
    expect(before.indicators.length).toBeGreaterThan(5)
    await sql('TRUNCATE ohlcv_1min, bar_revisions, indicator_values, intraday_patterns, symbols')
    expect(await run(redeliver)).toMatch(/^ +\d+ {2}records of tickstock-local-bars, the first of 20/m)
    expect(await everything()).toEqual(before)
    await run(redeliver)
    expect(await everything()).toEqual(before)
  })

  it('restored to an older moment than the streams reach, it gets its bars from the archive', async () => {
    const before = await readRows(deployment.readOnlyUrl)
    await sql(`DELETE FROM ohlcv_1min WHERE timestamp > ${sqlMinute(1)}`)
    await sql(`UPDATE ohlcv_1min SET trade_count = 1, revision = 1 WHERE timestamp = ${sqlMinute(1)}`)
    await run(rebuild)
    await deployment.settle()
    const values = (rows: readonly Row[]) => rows.map(({ revision: _revision, ...row }) => row)
    // The newest minutes have no later trade: they are final an hour after it.
    expect(values(await readRows(deployment.readOnlyUrl))).toEqual(
      values(before.filter(({ timestamp }) => timestamp < minuteText(T + 600))),
    )
  })
})

describe('a release wrote wrong bars', () => {
  const [rebuild = ''] = commandsOf('A release wrote wrong bars')

  it('a rebuild mends them, keeps what they were, and changes nothing when it comes again', async () => {
    const right = await barsOf('AAPL')
    await sql(`
      UPDATE ohlcv_1min SET high = high + 100, revision = revision + 1
      WHERE symbol = 'AAPL' AND timestamp = ${sqlMinute(0)};
      UPDATE ohlcv_1min SET trade_count = 2 * trade_count, volume = 2 * volume, notional = 2 * notional, revision = revision + 5
      WHERE symbol = 'AAPL' AND timestamp = ${sqlMinute(2)};
      DELETE FROM ohlcv_1min WHERE symbol = 'AAPL' AND timestamp = ${sqlMinute(3)}`)
    const wrong = await barsOf('AAPL')
    expect(await run(rebuild)).toMatch(/^ +3 {2}bars put$/m)
    await deployment.settle()
    const mended = await barsOf('AAPL')
    const valuesOf = (rows: readonly string[]) => rows.map((row) => row.split(' ').slice(0, 6).join(' '))
    expect(valuesOf(mended)).toEqual(valuesOf(right))
    const revisionOf = (rows: readonly string[], minute: string) =>
      Number(rows.find((row) => row.startsWith(`${minute} `))?.split(' ')[6])
    for (const minute of ['0', '2']) expect(revisionOf(mended, minute)).toBe(revisionOf(wrong, minute) + 1)
    const kept = await sql(
      `SELECT high::text FROM bar_revisions WHERE symbol = 'AAPL' AND timestamp = ${sqlMinute(0)} ORDER BY revision`,
    )
    expect(kept.at(-1)).toEqual({ high: '112' })
    expect(await run(rebuild)).toMatch(/^ +0 {2}bars put$/m)
  })
})
