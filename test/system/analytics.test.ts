import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { type Deployment, startDeployment } from '../../bin/local/deployment.ts'
import { type CsvSource, PATTERNS, SIGNALS, writeCsv } from '../../bin/local/write-csv.ts'
import { startSymbol } from '../../functions/analytics/state-codec.ts'
import { nameValues } from '../../functions/domain/analysis.ts'
import { ONE, parseDecimal } from '../../functions/domain/decimal.ts'
import { DEFAULT_INDICATORS } from '../../functions/domain/indicators/table.ts'
import { DEFAULT_PATTERNS } from '../../functions/domain/patterns/table.ts'
import type { SeriesBar } from '../../functions/domain/series.ts'
import { BarFold } from '../../functions/domain/signals.ts'
import { readAnalysis } from '../../functions/shared/analysis-fields.ts'
import { tradesPath } from '../support/trades.ts'
import { readRows, replayInto, type Row } from './support/replay-into.ts'
import { waitFor } from './support/wait-for.ts'

const ANALYTICS = 'tickstock-local-analytics'
const analysis = readAnalysis({
  indicators: DEFAULT_INDICATORS,
  patterns: DEFAULT_PATTERNS,
  vwapSession: 'America/New_York 00:00',
})

let data: string
let deployment: Deployment
let database: Client

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
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

describe('with a state that makes the analytics part throw', () => {
  it('every bar is written all the same; mended, it goes on where it was, and nothing is missing', async () => {
    const { client, TableName } = table()
    const state = { B: Uint8Array.of(40, 41, 42) }
    const Item = { symbol: { S: SYMBOL }, version: { N: '1' }, state }
    await client.send(new PutItemCommand({ TableName, Item }))
    await replayInto(deployment, tradesPath('kraken-xbtusdt-20251110'))
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

describe('the rows of a recorded day', () => {
  it('are what the bars in the database come to', async () => {
    await replayInto(deployment, tradesPath('comex-gc-20131007'))
    expect(await deployment.flush()).toEqual({ signals: 'complete' })
    const bars = await readRows(deployment.readOnlyUrl)
    const symbols = [...new Set(bars.map(({ symbol }) => symbol))]
    expect(symbols.length).toBeGreaterThan(5)
    const expected = symbols.flatMap((symbol) => signalsOf(bars.filter((row) => row.symbol === symbol)))
    const indicators =
      await database.query(`SELECT symbol, to_char(timestamp AT TIME ZONE 'UTC', 'DD HH24:MI') AS minute,
      indicators FROM indicator_values ORDER BY symbol, timestamp`)
    expect(indicators.rows).toEqual(
      expected.map(({ symbol, minute, values }) => ({ symbol, minute, indicators: values })),
    )
    const patterns =
      await database.query(`SELECT symbol, to_char(timestamp AT TIME ZONE 'UTC', 'DD HH24:MI') AS minute,
      pattern_type, direction, strength FROM intraday_patterns WHERE NOT withdrawn ORDER BY symbol, timestamp, pattern_type`)
    expect(patterns.rows).toEqual(expected.flatMap(({ patterns: found }) => found))
    expect(patterns.rows.length).toBeGreaterThan(100)
  })

  it('are what the CSV files of a replay say, a line each', async () => {
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
      /^GC\d{6},2013-10-07T\d\d:\d\d:00Z,[a-z_]+,(bullish|bearish|neutral),(80|100),0\.\d+$/,
    )
  })
})

/** What a symbol's bars come to, by the domain alone. */
function signalsOf(rows: readonly Row[]) {
  const bars = rows.map((row) => ({ bar: toSeriesBar(row), revision: 1, closedAt: 0 }))
  const { signals } = new BarFold(analysis, startSymbol(analysis), { latenessSeconds: 120 }).take(bars)
  return signals.map(({ start, values, patterns }) => {
    const symbol = rows[0]?.symbol ?? ''
    const minute = new Date(start * 1000).toISOString().slice(8, 16).replace('T', ' ')
    const found = patterns
      .map(({ pattern, direction, strength }) => ({
        symbol,
        minute,
        pattern_type: pattern.name,
        direction,
        strength,
      }))
      .toSorted((a, b) => (a.pattern_type < b.pattern_type ? -1 : 1))
    return { symbol, minute, values: nameValues(analysis, values), patterns: found }
  })
}

function toSeriesBar(row: Row): SeriesBar {
  const units = (text: string): number => {
    const decimal = parseDecimal(text)
    if (typeof decimal === 'string') throw new Error(`${text} is ${decimal}`)
    return decimal.integer * ONE + decimal.fraction
  }
  return {
    start: Date.parse(row.timestamp) / 1000,
    open: units(row.open),
    high: units(row.high),
    low: units(row.low),
    close: units(row.close),
    volume: units(row.volume),
    vwap: row.vwap === null ? 0 : units(row.vwap),
  }
}
