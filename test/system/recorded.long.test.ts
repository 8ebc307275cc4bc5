import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { affinityOf } from '../../bin/embedded/affinity.ts'
import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { type CsvSource, PATTERNS, SIGNALS, writeCsv } from '../../bin/stage/write-csv.ts'
import { duckdbBars, judged, type OracleBar } from '../support/duckdb-bars.ts'
import { expectPublishedBars } from '../support/published-bars.ts'
import { RECORDED_SETS, type RecordedSet, tradesPath } from '../support/trades.ts'
import { preparedData } from './support/data-folder.ts'
import { readRows, replayInto, type Row } from './support/replay-into.ts'
import { readBarRecords, readSignals, signalsOf } from './support/signal-rows.ts'
import { waitFor } from './support/wait-for.ts'

const AGGREGATOR = 'tickstock-local-aggregator'
const ANALYTICS = 'tickstock-local-analytics'
let data: string
let deployment: Deployment
let database: Client

beforeAll(async () => {
  data = await preparedData()
  deployment = await startDeployment({ data, durability: 'none' })
  database = new Client(deployment.readOnlyUrl)
  await database.connect()
})

afterAll(async () => {
  await database.end()
  await deployment.stop()
  rmSync(data, { recursive: true, force: true })
})

function table() {
  const { runtime } = deployment
  const client = new DynamoDBClient({
    endpoint: runtime.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  return { client, TableName: runtime.outputs['IndicatorStateTable'] }
}

async function countOf(sql: string): Promise<number> {
  const { rows } = await database.query(`SELECT count(*)::int AS count FROM ${sql}`)
  return z.object({ count: z.int() }).parse(rows[0]).count
}

const SYMBOL = 'XBTUSDT'
const [SET, ...OTHERS] = RECORDED_SETS

/** Replays one symbol, whose shard keeps its worker, or not, as this run has it. */
async function replaySymbol(): Promise<void> {
  const workers = async () => (await deployment.runtime.functions())[AGGREGATOR]?.workers ?? 0
  const hasAffinity = affinityOf(process.env) === 'shard'
  const replay = replayInto(deployment, tradesPath(SET))
  if (!hasAffinity) await waitFor(async () => (await workers()) > 1, 'a second worker')
  await replay
  if (hasAffinity) expect(await workers()).toBe(1)
}

describe('with a state that makes the analytics part throw', () => {
  it('every bar is written all the same; mended, it goes on where it was, and nothing is missing', async () => {
    const { client, TableName } = table()
    const state = { B: Uint8Array.of(40, 41, 42) }
    const Item = { symbol: { S: SYMBOL }, version: { N: '1' }, state }
    await client.send(new PutItemCommand({ TableName, Item }))
    await replaySymbol()
    await waitFor(
      async () => ((await deployment.runtime.functions())[ANALYTICS]?.errors ?? 0) > 0,
      'the analytics part to throw',
    )
    await deployment.runtime.idle({ except: [ANALYTICS] })
    expect(await countOf('ohlcv_1min')).toBeGreaterThan(250)
    expect(await countOf('indicator_values')).toBe(0)

    await client.send(new DeleteItemCommand({ TableName, Key: { symbol: { S: SYMBOL } } }))
    expect(await deployment.flush()).toEqual({ signals: 'complete' })
    expect(await countOf('indicator_values')).toBe(await countOf('ohlcv_1min'))
  })
})

describe('the recorded days, through the whole stack,', () => {
  let rows: readonly Row[]
  let flushed: Awaited<ReturnType<Deployment['flush']>>
  const minutes = new Map<RecordedSet, ReadonlyMap<string, OracleBar>>()

  beforeAll(async () => {
    for (const set of OTHERS) await replayInto(deployment, tradesPath(set))
    flushed = await deployment.flush()
    rows = await readRows(deployment.readOnlyUrl)
    for (const set of RECORDED_SETS) minutes.set(set, await duckdbBars(set))
  })

  const keyOf = ({ symbol, timestamp }: Row): string => `${symbol} ${timestamp}`
  /** No minute is in two sets. */
  const rowsOf = (set: RecordedSet) => rows.filter((row) => minutes.get(set)?.has(keyOf(row)))

  it.each(RECORDED_SETS)('%s: give every published bar, exactly', (set) => {
    expectPublishedBars(set, rowsOf(set))
  })

  it.each(RECORDED_SETS)('%s: agree with DuckDB on every minute, the vwap to the last digit', (set) => {
    const found = rowsOf(set).map((row) => [keyOf(row), judged(row)])
    const expected = [...(minutes.get(set) ?? [])].map(([key, minute]) => [key, judged(minute)])
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected))
  })

  it('have no other minute', () => {
    const known = new Set([...minutes.values()].flatMap((ofSet) => [...ofSet.keys()]))
    expect(known.size).toBeGreaterThan(3000)
    expect(rows.filter((row) => !known.has(keyOf(row)))).toEqual([])
  })

  it('have the indicators and patterns that their bars come to', async () => {
    expect(flushed).toEqual({ signals: 'complete' })
    const bars = await readBarRecords(deployment.readOnlyUrl)
    const symbols = [...new Set(bars.map(({ symbol }) => symbol))]
    expect(symbols.length).toBeGreaterThan(5)
    const found = await readSignals(deployment.readOnlyUrl)
    expect(found).toEqual(signalsOf(bars))
    expect(found.patterns.length).toBeGreaterThan(100)
  })

  it('are in the CSV files of a replay, a line each', async () => {
    const written = async (source: CsvSource): Promise<string[]> => {
      const file = join(data, 'rows.csv')
      const count = await writeCsv(deployment.readOnlyUrl, file, source)
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
      expect(lines).toHaveLength(count + 1)
      return lines
    }
    const signals = await written(SIGNALS)
    expect(signals[0]).toBe('symbol,timestamp,name,value')
    expect(signals).toHaveLength((await countOf('intraday_indicators')) + 1)
    expect(signals.at(-1)).toMatch(/^XBTUSDT,2025-11-1\dT\d\d:\d\d:00Z,vwap,\d+\.\d+$/)
    const patterns = await written(PATTERNS)
    expect(patterns[0]).toBe('symbol,timestamp,pattern_type,direction,strength,confidence')
    expect(patterns).toHaveLength((await countOf('intraday_patterns WHERE NOT withdrawn')) + 1)
    expect(patterns[1]).toMatch(
      /^GC\d{6},2013-10-0[78]T\d\d:\d\d:00Z,[a-z_]+,(bullish|bearish|neutral),(80|100),0\.\d+$/,
    )
  })
})
