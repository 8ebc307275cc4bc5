import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Sandbox } from './function-sandbox.ts'
import { ShardHomes } from './shard-homes.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => vi.useRealTimers())

function sandbox(isAlive = true): Sandbox {
  return {
    alive: () => isAlive,
    invoke: () => Promise.reject(new Error('not invoked')),
    terminate: () => Promise.resolve(),
    loaded: Promise.resolve(),
    figures: () => Promise.resolve({ cpuMs: 0, memoryBytes: 0 }),
    lastCpuMs: () => 0,
  }
}

/** Lets a worker be busy for a share of some seconds, a tenth of a second at a time. */
function work(homes: ShardHomes, worker: Sandbox, shard: string, share: number): void {
  for (let tenths = 0; tenths < 50; tenths++) {
    vi.advanceTimersByTime(100 * (1 - share))
    homes.begin(worker, shard)
    vi.advanceTimersByTime(100 * share)
    homes.end(worker)
  }
}

test('a worker has no time once it is busy for more than three fifths of it, and has again when it was idle', () => {
  const homes = new ShardHomes()
  const worker = sandbox()
  work(homes, worker, 'a', 0.5)
  expect(homes.hasTime(worker)).toBe(true)
  work(homes, worker, 'a', 0.7)
  expect(homes.hasTime(worker)).toBe(false)
  vi.advanceTimersByTime(1000)
  expect(homes.hasTime(worker)).toBe(true)
})

test('workers with little to do become one, those with much stay', () => {
  const homes = new ShardHomes()
  const [one, other] = [sandbox(), sandbox()]
  work(homes, one, 'a', 0.5)
  work(homes, other, 'b', 0.01)
  work(homes, one, 'a', 0.5)
  homes.merge()
  expect(homes.of('b')).toBe(other)
  work(homes, one, 'a', 0.1)
  homes.merge()
  expect(homes.of('b')).toBe(one)
  expect(homes.has(other)).toBe(false)
})

test('a shard has no home in a worker that has ended or is forgotten', () => {
  const homes = new ShardHomes()
  const [dead, worker] = [sandbox(false), sandbox()]
  homes.begin(dead, 'a')
  homes.begin(worker, 'b')
  expect(homes.of('a')).toBeUndefined()
  homes.forget(worker)
  expect(homes.of('b')).toBeUndefined()
})
