import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { ExportBucket } from '../../../../functions/rebuilder/export/export-bucket.ts'
import { exportBars, type ExportDeps } from '../../../../functions/rebuilder/export/export-bars.ts'
import { type ExportFormat, exportTaskSchema } from '../../../../functions/rebuilder/export/export-task.ts'
import { READ_SESSION } from '../../../../functions/api/read-session.ts'
import { openDatabase } from '../../../../functions/shared/postgres/database.ts'
import { bar } from '../../bar-writer/bars.ts'
import { type ApiHarness, startApi } from '../../api/harness.ts'
import { readArrow, readCsv, readNdjson, readParquet, type Typed } from '../../api/formats/read-back.ts'
import { createMemoryBucket, type MemoryBucket } from './memory-bucket.ts'

const SYMBOLS = ['=ES', 'AAPL', 'MSFT']
const MINUTES = 150
const START = Date.parse('2025-11-10T14:30:00Z')
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

let api: ApiHarness
let database: ReturnType<typeof openDatabase>
let asof: number

const timeOf = (minute: number) => new Date(START + minute * 60_000).toISOString().replace('.000', '')
const barsOf = (revision: number) =>
  SYMBOLS.flatMap((symbol, place) =>
    Array.from({ length: MINUTES }, (_, minute) =>
      bar({
        symbol,
        timestamp: timeOf(minute),
        revision,
        close: `150.${25 + revision}`,
        volume: `${place + 1}.5`,
      }),
    ),
  )

beforeAll(async () => {
  api = await startApi()
  database = openDatabase(async () => api.server.credentials('app_readonly'), {
    ssl: false,
    applicationName: 'rebuilder',
    ...READ_SESSION,
  })
  await api.write(barsOf(1))
  asof = Date.now()
  // What is known later is not in the export.
  await api.write(barsOf(2).filter((_, index) => index % 3 === 0))
  api.now = asof + 61_000
})
afterAll(async () => {
  await database.end()
  await api.close()
})

const taskOf = (format: ExportFormat, changed: Record<string, unknown> = {}) =>
  exportTaskSchema.parse({
    type: 'export',
    symbols: SYMBOLS,
    from: timeOf(0),
    to: timeOf(MINUTES),
    timeframe: '1Min',
    tz: 'UTC',
    format,
    numbers: 'number',
    asof,
    key: `exports/j/bars.${format}`,
    ...changed,
  })

function depsOf(bucket: ExportBucket): ExportDeps {
  return {
    database,
    databaseNow: async () => asof + 61_000,
    now: () => asof + 61_000,
    wait: async () => expect.unreachable('nothing is to be waited for'),
    bucket,
    chunkRows: 40,
    partBytes: 3000,
  }
}

/** Calls until it is done, as the part `jobs` does; returns the sums of what the calls counted. */
async function exported(deps: ExportDeps, task: ReturnType<typeof taskOf>) {
  const sums = { bars: 0, bytes: 0, symbols: 0 }
  for (let { place } = task; ;) {
    const { place: next, ...counts } = await exportBars(deps, { ...task, place })
    sums.bars += counts.bars
    sums.bytes += counts.bytes
    sums.symbols += counts.symbols
    if (next === undefined) return sums
    place = next
  }
}

async function objectOf(format: ExportFormat, changed?: Record<string, unknown>): Promise<Buffer> {
  const bucket = createMemoryBucket()
  await exported(depsOf(bucket), taskOf(format, changed))
  return bucket.objects.get(`exports/j/bars.${format}`) ?? Buffer.alloc(0)
}

async function answerOf(format: string, timeframe = '1Min'): Promise<string> {
  const query = new URLSearchParams({
    symbols: SYMBOLS.join(','),
    start: timeOf(0),
    end: timeOf(MINUTES - 1),
    asof: new Date(asof).toISOString(),
    limit: 'all',
    timeframe,
    format,
  })
  const { status, body } = await api.get(`/v1/bars?${query.toString()}`)
  expect(status).toBe(200)
  return body
}

describe('an export', () => {
  it.each(['csv', 'ndjson'] as const)('as %s is byte for byte what the API answers', async (format) => {
    expect((await objectOf(format)).toString()).toBe(await answerOf(format))
    expect((await objectOf(format, { timeframe: '1Hour' })).toString()).toBe(await answerOf(format, '1Hour'))
  })

  it.each([
    ['arrow', readArrow],
    ['parquet', readParquet],
  ] as const)('as %s has the same rows and types, in many pieces', async (format, read) => {
    const rows = await readCsv(await answerOf('csv'), COLUMNS)
    expect(rows).toHaveLength(SYMBOLS.length * MINUTES)
    // A symbol that a spreadsheet would run is quoted in CSV alone.
    const plain = rows.map(([symbol = null, ...cells]) => [symbol?.replace(/^'/, '') ?? null, ...cells])
    expect(await read(await objectOf(format), COLUMNS)).toEqual(plain)
  })

  it('of no bar is a file without rows', async () => {
    const none = { symbols: ['NONE'] }
    expect((await objectOf('csv', none)).toString()).toMatch(/^symbol,t,o,[^\n]*\n$/)
    expect((await objectOf('ndjson', none)).toString()).toBe('')
    expect(readNdjson('', COLUMNS)).toEqual([])
    expect(readArrow(await objectOf('arrow', none), COLUMNS)).toEqual([])
    expect(await readParquet(await objectOf('parquet', none), COLUMNS)).toEqual([])
  })

  it('waits until nothing that was known then can still come', async () => {
    const waits: number[] = []
    const deps = {
      ...depsOf(createMemoryBucket()),
      now: () => asof + 20_000,
      databaseNow: async () => asof + 15_000,
      wait: async (ms: number) => void waits.push(ms),
    }
    await exportBars(deps, taskOf('csv'))
    expect(waits).toEqual([45_000])
  })

  it('goes on in another call when one has taken long, and counts what each has added', async () => {
    let calls = 0
    const deps = { ...depsOf(createMemoryBucket()), now: () => asof + 61_000 + 15_000 * calls++ }
    const first = await exportBars(deps, taskOf('csv'))
    expect(first.place).toEqual({ bars: first.bars, bytes: first.bytes, symbols: first.symbols })
    const rest = await exported(deps, { ...taskOf('csv'), place: first.place })
    expect(first.bars + rest.bars).toBe(SYMBOLS.length * MINUTES)
    expect(first.symbols + rest.symbols).toBe(SYMBOLS.length)
  })
})

const KILLED = 'killed'

/** Dies at one of the requests, before it or after it. */
function dyingAt(
  bucket: MemoryBucket,
  at: { requests: number; readonly when: 'before' | 'after' },
): ExportBucket {
  const dying =
    <Given extends readonly unknown[], Result>(act: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      const isLast = at.requests-- === 0
      if (isLast && at.when === 'before') throw new Error(KILLED)
      const result = await act(...given)
      if (isLast) throw new Error(KILLED)
      return result
    }
  return {
    readText: dying(bucket.readText),
    writeText: dying(bucket.writeText),
    has: dying(bucket.has),
    begin: dying(bucket.begin),
    putPart: dying(bucket.putPart),
    complete: dying(bucket.complete),
  }
}

describe.each(['csv', 'parquet'] as const)('an export as %s that is killed', (format) => {
  it.each(['before', 'after'] as const)('%s any of its requests comes to the same object', async (when) => {
    const whole = await objectOf(format)
    let kills = 0
    for (let requests = 0; ; requests++) {
      const bucket = createMemoryBucket()
      const first = await exported(depsOf(dyingAt(bucket, { requests, when })), taskOf(format)).catch(
        (error: Error) => error.message,
      )
      if (first === KILLED) {
        kills++
        expect(await exported(depsOf(bucket), taskOf(format))).toMatchObject({
          bars: SYMBOLS.length * MINUTES,
          bytes: whole.length,
        })
      }
      expect(bucket.objects.get(`exports/j/bars.${format}`)?.equals(whole)).toBe(true)
      if (first !== KILLED) break
    }
    expect(kills).toBeGreaterThan(8)
  })

  it('and whose upload S3 has aborted meanwhile begins again', async () => {
    const whole = await objectOf(format)
    const bucket = createMemoryBucket()
    const dying = depsOf(dyingAt(bucket, { requests: 8, when: 'after' }))
    await expect(exported(dying, taskOf(format))).rejects.toThrow(KILLED)
    bucket.abortUploads()
    await exported(depsOf(bucket), taskOf(format))
    expect(bucket.objects.get(`exports/j/bars.${format}`)?.equals(whole)).toBe(true)
  })
})
