import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { exportBars } from '../../../../functions/rebuilder/export/export-bars.ts'
import { bar } from '../../bar-writer/bars.ts'
import { readArrow, readCsv, readNdjson, readParquet, type Typed } from '../../api/formats/read-back.ts'
import { exported, type ExportWorld, MINUTES, startExportWorld, SYMBOLS, timeOf } from './export-world.ts'
import { createMemoryBucket } from './memory-bucket.ts'

const COLUMNS: readonly Typed[] = [
  { name: 'symbol', type: 'text' },
  { name: 't', type: 'second' },
  ...['o', 'h', 'l', 'c', 'v'].map((name) => ({ name, type: 'decimal' as const })),
  { name: 'n', type: 'integer' },
  { name: 'vw', type: 'decimal' },
  { name: 'rev', type: 'integer' },
  { name: 'notional', type: 'decimal' },
  { name: 'complete', type: 'boolean' },
  { name: 'source', type: 'text' },
]
/** Before the open, and with minutes and days in between that have no bar. */
const THIN = ['GAPS', 'HOLES']

let world: ExportWorld

beforeAll(async () => {
  world = await startExportWorld()
})
afterAll(() => world.close())

async function answerOf(
  format: string,
  changed: Readonly<Record<string, string | undefined>> = {},
): Promise<string> {
  const asked = {
    symbols: SYMBOLS.join(','),
    start: timeOf(0),
    end: timeOf(MINUTES - 1),
    asof: new Date(world.asof).toISOString(),
    limit: 'all',
    format,
    ...changed,
  }
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(asked)) if (value !== undefined) query.set(name, value)
  const { status, body } = await world.api.get(`/v1/bars?${query.toString()}`)
  expect({ status, body: status === 200 ? '' : body }).toEqual({ status: 200, body: '' })
  return body
}

describe('an export', () => {
  it.each(['csv', 'ndjson'] as const)('as %s is byte for byte what the API answers', async (format) => {
    expect((await world.objectOf(format)).toString()).toBe(await answerOf(format))
    const hours = { timeframe: '1Hour' }
    expect((await world.objectOf(format, hours)).toString()).toBe(await answerOf(format, hours))
  })

  it.each([
    ['arrow', readArrow],
    ['parquet', readParquet],
  ] as const)('as %s has the same rows and types, in many pieces', async (format, read) => {
    const rows = await readCsv(await answerOf('csv'), COLUMNS)
    expect(rows).toHaveLength(SYMBOLS.length * MINUTES)
    // A symbol that a spreadsheet would run is quoted in CSV alone.
    const plain = rows.map(([symbol = null, ...cells]) => [symbol?.replace(/^'/, '') ?? null, ...cells])
    expect(await read(await world.objectOf(format), COLUMNS)).toEqual(plain)
  })

  it('of no bar is a file without rows', async () => {
    const none = { symbols: ['NONE'] }
    expect((await world.objectOf('csv', none)).toString()).toMatch(/^symbol,t,o,[^\n]*\n$/)
    expect((await world.objectOf('ndjson', none)).toString()).toBe('')
    expect(readNdjson('', COLUMNS)).toEqual([])
    expect(readArrow(await world.objectOf('arrow', none), COLUMNS)).toEqual([])
    expect(await readParquet(await world.objectOf('parquet', none), COLUMNS)).toEqual([])
  })

  it('waits until nothing that was known then can still come', async () => {
    const { asof } = world
    const waits: number[] = []
    const deps = {
      ...world.depsOf(createMemoryBucket()),
      now: () => asof + 20_000,
      databaseNow: async () => asof + 15_000,
      wait: async (ms: number) => void waits.push(ms),
    }
    await exportBars(deps, world.taskOf('csv'))
    expect(waits).toEqual([45_000])
  })

  it('of more than an object of S3 can have is refused', async () => {
    const deps = { ...world.depsOf(createMemoryBucket()), mostParts: 2 }
    await expect(exported(deps, world.taskOf('csv'))).rejects.toThrow(
      expect.objectContaining({
        name: 'ExportTooLarge',
        message: expect.stringMatching(/more than the 2 parts .* fewer symbols or a shorter time/),
      }),
    )
  })
})

describe('an export of thin symbols', () => {
  beforeAll(async () => {
    const minutes = [-90, -60, 3, 4, 20, 59, 100, 149]
    await world.api.write(
      THIN.flatMap((symbol, place) =>
        minutes.map((minute) =>
          bar({ symbol, timestamp: timeOf(minute + place), low: '1', high: '300', close: `${minute + 100}` }),
        ),
      ),
    )
  })
  const span = { symbols: THIN, from: '2025-11-07T00:00:00Z', to: timeOf(MINUTES) }
  const asked = { symbols: THIN.join(','), start: '2025-11-07' }

  it.each([
    { session: 'regular' },
    { session: 'extended', timeframe: '1Hour' },
    { fill: 'previous' },
    { fill: 'zero', timeframe: '5Min' },
    { fill: 'previous', session: 'regular', timeframe: '15Min' },
    { fill: 'previous', timeframe: '1Day', tz: 'America/New_York' },
  ])('with %j is byte for byte what the API answers', async (given) => {
    // All of them were written behind the moment of the other exports.
    const asof = Date.now()
    const now = asof + 61_000
    world.api.now = now
    const bucket = createMemoryBucket()
    const deps = { ...world.depsOf(bucket), now: () => now, databaseNow: async () => now }
    await exported(deps, world.taskOf('csv', { ...span, ...given, asof }))
    const answer = await answerOf('csv', { ...asked, ...given, asof: new Date(asof).toISOString() })
    expect(answer.split('\n').length).toBeGreaterThan(3)
    expect(bucket.objects.get('exports/j/bars.csv')?.toString()).toBe(answer)
  })

  it('of a session of a symbol without hours is refused by name', async () => {
    const task = world.taskOf('csv', { symbols: ['AAPL', 'NONE'], session: 'regular' })
    await expect(exported(world.depsOf(createMemoryBucket()), task)).rejects.toThrow(
      /session is "regular"; allowed: all: no hours are known of NONE/,
    )
  })
})
