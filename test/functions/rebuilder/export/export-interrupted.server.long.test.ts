import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import type { ExportBucket } from '../../../../functions/rebuilder/export/export-bucket.ts'
import { exportBars, type ExportDeps } from '../../../../functions/rebuilder/export/export-bars.ts'
import type { ExportPlace } from '../../../../functions/rebuilder/export/export-task.ts'
import {
  exported,
  type ExportWorld,
  MINUTES,
  MONTHS,
  startExportWorld,
  SYMBOLS,
  ticking,
} from './export-world.ts'
import { createMemoryBucket, type MemoryBucket } from './memory-bucket.ts'

let world: ExportWorld

beforeAll(async () => {
  world = await startExportWorld()
})
afterAll(() => world.close())

const KILLED = 'killed'
type Kill = { requests: number; readonly when: 'before' | 'after' }

/** Dies at one of the requests, before it or after it. */
function dyingAt(bucket: MemoryBucket, at: Kill): ExportBucket {
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
    read: dying(bucket.read),
    write: dying(bucket.write),
    has: dying(bucket.has),
    begin: dying(bucket.begin),
    putPart: dying(bucket.putPart),
    complete: dying(bucket.complete),
  }
}

const KINDS = [
  ['csv', {}],
  ['parquet', {}],
  // A page of months ends after each bar, within a chunk.
  ['csv', MONTHS],
  ['parquet', MONTHS],
] as const

describe.each(KINDS)('an export as %s with %j', (format, changed) => {
  const key = `exports/j/bars.${format}`
  const rows = SYMBOLS.length * ('timeframe' in changed ? 5 : MINUTES)
  const depsOf = (bucket: ExportBucket): ExportDeps => ({
    ...world.depsOf(bucket),
    ...('timeframe' in changed && { chunkRows: 4 }),
  })

  it.each(['before', 'after'] as const)(
    'that is killed %s any of its requests comes to the same object',
    async (when) => {
      const whole = await wholeObject()
      let kills = 0
      for (let requests = 0; ; requests++) {
        const bucket = createMemoryBucket()
        const task = world.taskOf(format, changed)
        const first = await exported(depsOf(dyingAt(bucket, { requests, when })), task).catch(
          (error: Error) => error.message,
        )
        if (first === KILLED) {
          kills++
          expect(await exported(depsOf(bucket), task)).toMatchObject({ bars: rows, bytes: whole.length })
        }
        expect(bucket.objects.get(key)?.equals(whole)).toBe(true)
        if (first !== KILLED) break
      }
      expect(kills).toBeGreaterThan(5)
    },
  )

  it('and whose upload S3 has aborted meanwhile begins again', async () => {
    const whole = await wholeObject()
    const bucket = createMemoryBucket()
    // Of months there is one part, of minutes there are many.
    const requests = 'timeframe' in changed ? 4 : 8
    const dying = depsOf(dyingAt(bucket, { requests, when: 'after' }))
    await expect(exported(dying, world.taskOf(format, changed))).rejects.toThrow(KILLED)
    bucket.abortUploads()
    await exported(depsOf(bucket), world.taskOf(format, changed))
    expect(bucket.objects.get(key)?.equals(whole)).toBe(true)
  })

  it('has the same bytes when each call has time for a page only, and each call goes further', async () => {
    const whole = await wholeObject()
    const bucket = createMemoryBucket()
    const counts = await exported(ticking(depsOf(bucket), 30_000), world.taskOf(format, changed))
    expect(counts).toMatchObject({ bars: rows, bytes: whole.length, symbols: SYMBOLS.length })
    expect(counts.calls).toBeGreaterThan(4)
    expect(bucket.objects.get(key)?.equals(whole)).toBe(true)
  })

  it('whose calls end at any time and are killed anywhere has the same bytes, and each call that ends goes further', async () => {
    const whole = await wholeObject()
    const call = fc.record({
      milliseconds: fc.constantFrom(0, 300, 3000, 30_000),
      kill: fc.option(fc.record({ requests: fc.nat(9), when: fc.constantFrom('before', 'after') })),
    })
    const property = fc.asyncProperty(fc.array(call, { maxLength: 9 }), async (calls) => {
      const bucket = createMemoryBucket()
      const task = world.taskOf(format, changed)
      let place: ExportPlace | undefined
      let reached = ''
      let isDone = false
      for (const { milliseconds, kill } of calls) {
        const deps = depsOf(kill === null ? bucket : dyingAt(bucket, { ...kill }))
        const outcome = await exportBars(ticking(deps, milliseconds), { ...task, place }).catch(
          (error: Error) => error.message,
        )
        if (outcome === KILLED) continue
        if (typeof outcome === 'string') throw new Error(outcome)
        isDone = outcome.place === undefined
        if (isDone) break
        place = outcome.place
        const before = reached
        reached = reachedIn(bucket)
        expect(reached > before).toBe(true)
      }
      if (!isDone) await exported(depsOf(bucket), { ...task, place })
      expect(bucket.objects.get(key)?.equals(whole)).toBe(true)
    })
    await fc.assert(property, { numRuns: 10 })
  })

  async function wholeObject(): Promise<Buffer> {
    const bucket = createMemoryBucket()
    await exported(depsOf(bucket), world.taskOf(format, changed))
    return bucket.objects.get(key) ?? expect.unreachable('there is no object')
  }
})

const keptSchema = z.object({
  position: z.object({
    group: z.number(),
    after: z.object({ symbol: z.string(), time: z.number() }).nullable(),
  }),
})

/** How far an export is, as text in whose order it goes further. */
function reachedIn({ objects }: MemoryBucket): string {
  const [line = ''] = String(objects.get('exports/j/progress')).split('\n')
  const { group, after } = keptSchema.parse(JSON.parse(line)).position
  return after === null ? `${group}` : `${group} ${after.symbol} ${after.time}`
}

it('what is kept of an export as Parquet does not grow with its row groups', async () => {
  const kept: number[] = []
  let noted = 0
  const bucket = createMemoryBucket()
  const write: ExportBucket['write'] = async (key, bytes) => {
    if (key.endsWith('/progress')) kept.push(bytes.length)
    else noted += bytes.length
    await bucket.write(key, bytes)
  }
  const deps = { ...ticking(world.depsOf({ ...bucket, write }), 30_000), partBytes: 1 }
  const { calls } = await exported(deps, world.taskOf('parquet', { symbols: SYMBOLS }))
  expect(calls).toBeGreaterThan(8)
  expect(noted).toBeGreaterThan(14_000)
  expect(Math.max(...kept)).toBeLessThan(9000)
})
