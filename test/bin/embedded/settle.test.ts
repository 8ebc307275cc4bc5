import type { MappingLag } from 'embedded-aws'
import { describe, expect, it } from 'vitest'

import { settle, type SettleOptions, StuckError, type Waiting } from '../../../bin/embedded/settle.ts'

type Part = 'aggregator' | 'bar-writer' | 'analytics' | 'broadcaster'

/** Parts with records to settle, each of which settles some whenever the clock moves on; and that clock. */
function pipeline(left: Partial<Record<Part, number>>, perLook: (part: Part, seconds: number) => number) {
  let ms = 0
  const parts = (['aggregator', 'bar-writer', 'analytics', 'broadcaster'] as const).map((part) => ({
    part,
    records: left[part] ?? 0,
    settled: 0,
  }))
  const waiters: { readonly except: readonly string[]; readonly resolve: () => void }[] = []
  const isIdle = (except: readonly string[]) =>
    parts.every(({ part, records }) => records <= 0 || except.includes(part))
  const sleep = async (milliseconds: number): Promise<void> => {
    ms += milliseconds
    for (const each of parts) {
      const taken = Math.min(each.records, perLook(each.part, ms / 1000))
      each.records -= taken
      each.settled += Math.max(0, taken)
    }
    for (const { except, resolve } of waiters) if (isIdle(except)) resolve()
    await Promise.resolve()
  }
  return {
    seconds: () => ms / 1000,
    clock: { now: () => ms, sleep },
    idle: ({ except = [] }: { readonly except?: readonly string[] } = {}) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiters.push({ except, resolve })
      if (isIdle(except)) resolve()
      return promise
    },
    lag: (): MappingLag[] =>
      parts.map(({ part, records, settled }) => ({
        mapping: part,
        streamName: part === 'aggregator' ? 'ticks' : 'bars',
        functionName: part,
        records,
        oldestMs: 0,
        settled,
      })),
  }
}

const settled = (runtime: ReturnType<typeof pipeline>, options: Partial<SettleOptions> = {}) =>
  settle(runtime, { analytics: 'analytics', others: ['broadcaster'], clock: runtime.clock, ...options })

describe('settling', () => {
  it('ends when everything is settled, however long it takes, as long as something moves', async () => {
    const runtime = pipeline({ aggregator: 1000, 'bar-writer': 10 }, (part, seconds) =>
      part === 'aggregator' || seconds > 200 ? 1 : 0,
    )
    expect(await settled(runtime)).toEqual({ signals: 'complete' })
    expect(runtime.seconds()).toBeGreaterThan(200)
  })

  it('gives up after half a minute without any headway, and says what waits where', async () => {
    const runtime = pipeline({ aggregator: 4, 'bar-writer': 1234 }, (part) => (part === 'aggregator' ? 1 : 0))
    const told: (readonly Waiting[])[] = []
    const outcome = settled(runtime, { onWaiting: (waiting) => told.push(waiting) })
    await expect(outcome).rejects.toThrow(StuckError)
    await expect(outcome).rejects.toThrow(
      'nothing has moved for 30 s: 1,234 records of bars wait for bar-writer',
    )
    expect(runtime.seconds()).toBe(31)
    expect(told.at(-1)).toMatchObject([{ functionName: 'bar-writer', streamName: 'bars', records: 1234 }])
  })

  it('is not deceived by records that only come: they are no headway', async () => {
    const runtime = pipeline({ 'bar-writer': 1 }, () => -1)
    await expect(settled(runtime, { patienceMs: 5000 })).rejects.toThrow('nothing has moved for 5 s')
    expect(runtime.seconds()).toBe(5)
  })

  it('does not wait at all for a part that writes no rows', async () => {
    const runtime = pipeline({ 'bar-writer': 2, broadcaster: 5 }, (part) => (part === 'bar-writer' ? 1 : 0))
    expect(await settled(runtime)).toEqual({ signals: 'complete' })
    expect(runtime.seconds()).toBeLessThan(2)
  })

  it('does not wait for the analytics part, but says that it is behind', async () => {
    const runtime = pipeline({ 'bar-writer': 2, analytics: 5 }, (part) => (part === 'analytics' ? 0 : 1))
    expect(await settled(runtime)).toEqual({ signals: 'behind' })
    expect(runtime.seconds()).toBeLessThan(15)
  })
})
