import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { type BatchMeasures, createBarWriter } from '../../../functions/bar-writer/bar-writer.ts'
import type { Credentials } from '../../../functions/shared/postgres/credentials.ts'
import { type Database, openDatabase, type Queryable } from '../../../functions/shared/postgres/database.ts'
import { startMigratedServer, type TestServer } from '../../support/test-server.ts'
import { AnalyticsFunction, BATCH, faulty, recordsOf } from '../analytics/harness.ts'
import { bar, kinesisEvent } from './bars.ts'
import { indicators, patterns } from './signals.ts'

const rowsSchema = z.array(z.object({ symbol: z.string() }))

let server: TestServer
let database: Database
let secret: Credentials
let measured: BatchMeasures[]
let logged: Readonly<Record<string, unknown>>[]
let dead: { readonly kind: string; readonly sequence: string; readonly detail: string }[]

beforeAll(async () => {
  server = await startMigratedServer()
  secret = server.credentials('app_readwrite')
  database = openDatabase(async () => secret, { ssl: false, applicationName: 'test' })
})

afterAll(async () => {
  await database.end()
  await server.remove()
})

beforeEach(async () => {
  for (const table of ['ohlcv_1min', 'indicator_values', 'intraday_patterns'])
    await database.query(`DELETE FROM ${table}`)
  measured = []
  logged = []
  dead = []
})

const writer = (own: Queryable = database) =>
  createBarWriter({
    database: own,
    deadLetters: async (rejected, kind) => {
      for (const { record, rejections } of rejected)
        for (const { detail } of rejections)
          dead.push({ kind, sequence: record.kinesis.sequenceNumber, detail })
    },
    now: () => 1_762_795_500_200,
    log: { error: (_, details) => logged.push(details) },
    measure: (batch) => measured.push(batch),
  })

const eventOf = (symbol: string) => kinesisEvent([JSON.stringify(bar({ symbol }))])

async function symbols(): Promise<string[]> {
  const { rows } = await database.query('SELECT symbol FROM ohlcv_1min ORDER BY symbol')
  return rowsSchema.parse(rows).map(({ symbol }) => symbol)
}

describe('the bar-writer', () => {
  it('writes a batch and measures from the close of each bar that landed', async () => {
    const event = kinesisEvent(
      [bar({ symbol: 'A' }), bar({ symbol: 'B' })].map((each) => JSON.stringify(each)),
    )
    await writer()(event)
    await writer()(event)
    expect(measured).toEqual([
      { barsWritten: 2, refused: 0, faults: 0, latencies: [77, 77], signalLatencies: [] },
    ])
  })

  it('writes what is much in statements of some thousand rows at the most, and each row once', async () => {
    const lines = (symbol: string) =>
      Array.from({ length: 60 }, (_, minute) =>
        JSON.stringify(bar({ symbol, timestamp: `2025-11-10T17:${String(minute).padStart(2, '0')}:00Z` })),
      ).join('\n')
    const names = Array.from({ length: 80 }, (_, place) => `S${String(place).padStart(2, '0')}`)
    // The same bars once more, in another record of the batch.
    await writer()(kinesisEvent([...names.map(lines), lines('S00')]))
    const written = measured.map(({ barsWritten }) => barsWritten)
    expect(written.length).toBeGreaterThan(3)
    expect(Math.max(...written)).toBeLessThan(1600)
    expect(written.reduce((sum, each) => sum + each)).toBe(4800)
    expect(await symbols()).toEqual(names.flatMap((name) => Array.from({ length: 60 }, () => name)))
  })

  it('fails a batch of which the last statement fails, and lets no failure of an earlier one pass', async () => {
    const lines = (symbol: string) =>
      Array.from({ length: 60 }, (_, minute) =>
        JSON.stringify(bar({ symbol, timestamp: `2025-11-10T17:${String(minute).padStart(2, '0')}:00Z` })),
      ).join('\n')
    const event = kinesisEvent(
      Array.from({ length: 80 }, (_, place) => lines(`S${String(place).padStart(2, '0')}`)),
    )
    for (const failing of [1, 2, 4]) {
      let statements = 0
      const failingOnce: Queryable = {
        query: async (text, values) => {
          if (++statements === failing) throw new Error('the connection is gone')
          return await database.query(text, values)
        },
      }
      await expect(writer(failingOnce)(event)).rejects.toThrow('the connection is gone')
      expect(statements).toBe(failing)
    }
    await writer()(event)
    expect(await symbols()).toHaveLength(4800)
  })

  it('writes the signals of a batch and measures from the close of each bar whose indicators landed', async () => {
    const event = kinesisEvent(
      [
        bar(),
        indicators(),
        patterns(['doji', 'hammer']),
        indicators({ timestamp: '2025-11-10T17:25:00Z', closed_at: 1_762_795_500_190 }),
      ].map((each) => JSON.stringify(each)),
    )
    await writer()(event)
    await writer()(event)
    expect(measured).toEqual([
      { barsWritten: 1, refused: 0, faults: 0, latencies: [77], signalLatencies: [77, 10] },
    ])
    const { rows } = await database.query('SELECT pattern_type FROM intraday_patterns ORDER BY pattern_type')
    expect(rows).toEqual([{ pattern_type: 'doji' }, { pattern_type: 'hammer' }])
  })

  it('writes every bar of a batch, and the signals of every symbol but the one that the analytics cannot take', async () => {
    const analytics = new AnalyticsFunction(faulty)
    const Records = recordsOf(BATCH)
    await Promise.all([analytics.run({ Records }), writer()({ Records })])
    await writer()({ Records: recordsOf(analytics.signals) })
    const { rows } =
      await database.query(`SELECT symbol, count(*)::int AS bars, count(own.revision)::int AS analysed
      FROM ohlcv_1min AS bar LEFT JOIN indicator_values AS own
      USING (symbol, timestamp) GROUP BY symbol ORDER BY symbol`)
    expect(rows).toEqual([
      { symbol: 'A', bars: 2, analysed: 2 },
      { symbol: 'B', bars: 2, analysed: 0 },
      { symbol: 'C', bars: 1, analysed: 1 },
    ])
  })

  it('writes the neighbours of a record that is no bar and of a row that is refused, which go to the dead letters', async () => {
    const event = kinesisEvent([
      JSON.stringify(bar({ symbol: 'A' })),
      JSON.stringify(bar({ symbol: 'INVERTED', high: '1', low: '2' })),
      JSON.stringify(bar({ symbol: 'B' })),
      'poison',
      JSON.stringify(bar({ symbol: 'C' })),
    ])
    await writer()(event)
    expect(await symbols()).toEqual(['A', 'B', 'C'])
    expect(dead).toEqual([
      { kind: 'unreadable', sequence: '4', detail: expect.stringContaining('not JSON') },
      { kind: 'refused', sequence: '2', detail: expect.stringContaining('ohlcv_1min_prices') },
    ])
    expect(logged).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ sequenceNumber: '4', reason: expect.stringContaining('not JSON') }),
        expect.objectContaining({
          sequenceNumber: '2',
          reason: expect.stringContaining('ohlcv_1min_prices'),
        }),
      ]),
    )
  })

  it('throws while Postgres is away and goes on when it is back', async () => {
    await writer()(eventOf('BEFORE'))
    await server.stop()
    await expect(writer()(eventOf('AFTER'))).rejects.toThrow('ECONNREFUSED')
    await server.start()
    await writer()(eventOf('AFTER'))
    expect(await symbols()).toEqual(['AFTER', 'BEFORE'])
  })

  it('survives a restart of Postgres between two batches without an error', async () => {
    await writer()(eventOf('BEFORE'))
    await server.stop()
    await server.start()
    await writer()(eventOf('AFTER'))
    expect(await symbols()).toEqual(['AFTER', 'BEFORE'])
  })

  it('reads its secret again when the password was rotated', async () => {
    await database.query('SELECT 1')
    await server.as('owner', (client) => client.query(`ALTER ROLE app_readwrite PASSWORD 'rotated'`))
    secret = { ...secret, password: 'rotated' }
    await server.stop()
    await server.start()
    await writer()(eventOf('ROTATED'))
    expect(await symbols()).toEqual(['ROTATED'])
  })
})
