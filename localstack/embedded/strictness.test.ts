import { describe, expect, test } from 'vitest'
import { strictOf } from './strictness.ts'

function often(happens: () => boolean): number {
  let count = 0
  for (let time = 0; time < 10_000; time++) if (happens()) count++
  return count / 10_000
}

describe('a strict runtime', () => {
  test('throttles and starts cold as often as it is told, and for a seed the same', () => {
    const given = { seed: 7, coldStarts: 0.3, throttled: 0.1 }
    const [one, other] = [strictOf(given), strictOf(given)]
    expect(often(one.throttles)).toBeCloseTo(0.1, 1)
    expect(often(one.endsWorker)).toBeCloseTo(0.3, 1)
    const first = (happens: () => boolean) => Array.from({ length: 100 }, happens)
    const again = strictOf({ ...given, seed: 8 })
    expect(first(strictOf(given).throttles)).toEqual(first(other.throttles))
    expect(first(strictOf(given).throttles)).not.toEqual(first(again.throttles))
  })

  test('fires each schedule at a second of its own, which follows from the seed', () => {
    const offsets = (seed: number) => ['sweeper', 'jobs', 'migrator'].map(strictOf({ seed }).scheduleOffsetMs)
    expect(offsets(1)).toEqual(offsets(1))
    expect(new Set([...offsets(1), ...offsets(2)]).size).toBe(6)
    for (const offset of offsets(3)) expect(offset).toBeGreaterThanOrEqual(0)
    for (const offset of offsets(3)) expect(offset).toBeLessThan(60_000)
  })

  test('fires all at a second that is given', () => {
    const { scheduleOffsetMs } = strictOf({ seed: 1, scheduleOffsetMs: 42_000 })
    expect([scheduleOffsetMs('sweeper'), scheduleOffsetMs('jobs')]).toEqual([42_000, 42_000])
  })
})
