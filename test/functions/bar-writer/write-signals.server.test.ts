import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type IndicatorRow, indicatorRow } from '../../../functions/bar-writer/indicator-row.ts'
import { writeIndicators } from '../../../functions/bar-writer/write-indicators.ts'
import { writePatterns } from '../../../functions/bar-writer/write-patterns.ts'
import type { Database } from '../../../functions/shared/postgres/database.ts'
import type { PatternsRecord } from '../../../functions/shared/streams/records.ts'
import { createDatabase, type TestDatabase } from '../../support/test-database.ts'
import { indicators, patterns } from './signals.ts'

let server: TestDatabase
let database: Database

beforeAll(async () => {
  server = await createDatabase()
  database = server.open('app_readwrite')
})

afterAll(async () => {
  await database.end()
  await server.remove()
})

beforeEach(async () => {
  await database.query('DELETE FROM indicator_values')
  await database.query('DELETE FROM intraday_patterns')
})

/** Unix milliseconds, after those of the signals. */
const LATER = 1_762_795_560_000

const rowWith = (change: Parameters<typeof indicators>[0]): IndicatorRow => indicatorRow(indicators(change))

const read = async (sql: string) => (await server.as('app_readonly', (client) => client.query(sql))).rows

describe('writing indicators', () => {
  it('makes a row per minute, which the view shows as one per indicator, every digit kept', async () => {
    const record = rowWith({ values: { rsi_14: 61.20512345678901, macd_12_26_9: -1.5e-9, obv: 0 } })
    expect(await writeIndicators(database, [record])).toEqual({ written: [record], refused: [] })
    expect(
      await read(`SELECT symbol, indicator_name, value::float8, timestamp, calculation_timestamp, timeframe, revision
        FROM intraday_indicators ORDER BY indicator_name`),
    ).toEqual(
      [
        ['macd_12_26_9', -1.5e-9],
        ['obv', 0],
        ['rsi_14', 61.20512345678901],
      ].map(([indicator_name, value]) => ({
        symbol: 'AAPL',
        indicator_name,
        value,
        timestamp: new Date(record.timestamp),
        calculation_timestamp: new Date(record.calculated_at),
        timeframe: '1Min',
        revision: 1,
      })),
    )
  })

  it('lets a higher revision win, in one batch and over batches', async () => {
    const [first, second, third] = [1, 2, 3].map((revision) =>
      rowWith({ revision, values: { rsi_14: revision } }),
    )
    if (first === undefined || second === undefined || third === undefined) throw new Error('there are three')
    expect((await writeIndicators(database, [second, first])).written).toEqual([second])
    expect((await writeIndicators(database, [first, second])).written).toEqual([])
    const last = { ...third, calculated_at: LATER }
    expect((await writeIndicators(database, [last])).written).toEqual([last])
    expect(
      await read('SELECT revision, value::float8, calculation_timestamp FROM intraday_indicators'),
    ).toEqual([{ revision: 3, value: 3, calculation_timestamp: new Date(LATER) }])
  })

  it('isolates what the database refuses', async () => {
    const good = ['A', 'B', 'C'].map((symbol) => rowWith({ symbol }))
    const bad = rowWith({ symbol: 'YEARZERO', timestamp: '0000-01-01T00:00:00Z' })
    const { written, refused } = await writeIndicators(database, [...good.slice(0, 1), bad, ...good.slice(1)])
    expect(written).toEqual(good)
    expect(refused).toEqual([{ row: bad, reason: expect.stringContaining('out of range') }])
  })
})

describe('writing patterns', () => {
  it('makes a row per pattern', async () => {
    await writePatterns(database, [patterns(['doji', 'hammer'])])
    expect(
      await read(`SELECT symbol, pattern_type, confidence::float8, detection_timestamp, timestamp, timeframe, direction,
        strength, revision, withdrawn, pattern_data FROM intraday_patterns ORDER BY pattern_type`),
    ).toEqual(
      ['doji', 'hammer'].map((pattern_type) => ({
        symbol: 'AAPL',
        pattern_type,
        confidence: 0.4321,
        detection_timestamp: new Date(1_762_795_500_140),
        timestamp: new Date('2025-11-10T17:24:00Z'),
        timeframe: '1Min',
        direction: 'bullish',
        strength: 80,
        revision: 1,
        withdrawn: false,
        pattern_data: { margins: { [pattern_type]: 0.4321 } },
      })),
    )
  })

  it('marks what a revision withdraws and keeps what it had said', async () => {
    const first = patterns(['doji', 'hammer'])
    const second = patterns(['doji'], { revision: 2, withdrawn: ['hammer'], calculated_at: LATER })
    await writePatterns(database, [first])
    await writePatterns(database, [second])
    const row = { direction: 'bullish', strength: 80, confidence: 0.4321, revision: 2 }
    expect(
      await read(`SELECT pattern_type, revision, withdrawn, direction, strength, confidence::float8, pattern_data,
        detection_timestamp FROM intraday_patterns ORDER BY pattern_type`),
    ).toEqual([
      {
        ...row,
        pattern_type: 'doji',
        withdrawn: false,
        pattern_data: { margins: { doji: 0.4321 } },
        detection_timestamp: new Date(second.calculated_at),
      },
      {
        ...row,
        pattern_type: 'hammer',
        withdrawn: true,
        pattern_data: { margins: { hammer: 0.4321 } },
        detection_timestamp: new Date(first.calculated_at),
      },
    ])
  })

  it('changes nothing by a revision that is not higher', async () => {
    await writePatterns(database, [patterns(['doji'], { revision: 2 })])
    const rows = await read('SELECT * FROM intraday_patterns')
    for (const revision of [2, 1])
      await writePatterns(database, [
        patterns([], { revision, withdrawn: ['doji'], calculated_at: LATER }),
        patterns(['doji'], { revision, calculated_at: LATER }),
      ])
    expect(await read('SELECT * FROM intraday_patterns')).toEqual(rows)
  })

  it('gives each pattern the word of its highest revision, however records are shuffled, repeated and batched', async () => {
    const word = fc.record({
      minute: fc.nat(1),
      revision: fc.integer({ min: 1, max: 4 }),
      found: fc.subarray(['doji', 'hammer', 'harami']),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(word, {
          minLength: 1,
          maxLength: 8,
          selector: ({ minute, revision }) => `${minute} ${revision}`,
        }),
        fc.integer({ min: 1, max: 5 }),
        fc.infiniteStream(fc.nat(1000)),
        async (words, batchSize, order) => {
          await database.query('DELETE FROM intraday_patterns')
          const records = words.map(({ minute, revision, found }) => recordOf(minute, revision, found))
          const delivered = [...records, ...records]
            .map((record) => ({ record, at: order.next().value ?? 0 }))
            .toSorted((a, b) => a.at - b.at)
            .map(({ record }) => record)
          for (let from = 0; from < delivered.length; from += batchSize)
            await writePatterns(database, delivered.slice(from, from + batchSize))
          const rows =
            await read(`SELECT to_char(timestamp, 'MI') || ' ' || pattern_type AS key, revision, withdrawn
            FROM intraday_patterns ORDER BY key`)
          expect(rows).toEqual(lastWords(records))
        },
      ),
      { numRuns: 60 },
    )
  })
})

function recordOf(minute: number, revision: number, found: readonly string[]): PatternsRecord {
  const withdrawn = ['doji', 'hammer', 'harami'].filter((name) => !found.includes(name) && revision > 1)
  return patterns(found, { timestamp: `2025-11-10T17:0${minute}:00Z`, revision, withdrawn })
}

function lastWords(records: readonly PatternsRecord[]): unknown[] {
  const words = new Map<string, { readonly revision: number; readonly withdrawn: boolean }>()
  for (const { timestamp, revision, patterns: found, withdrawn } of records.toSorted(
    (a, b) => a.revision - b.revision,
  )) {
    const minute = timestamp.slice(14, 16)
    for (const { pattern_type } of found)
      words.set(`${minute} ${pattern_type}`, { revision, withdrawn: false })
    for (const name of withdrawn) words.set(`${minute} ${name}`, { revision, withdrawn: true })
  }
  return [...words].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, word]) => ({ key, ...word }))
}
