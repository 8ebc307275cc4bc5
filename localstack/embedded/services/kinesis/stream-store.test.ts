import * as fc from 'fast-check'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type NewStream, openStreamStore, type StreamStore } from './stream-store.ts'

const hour = 3_600_000
const first = 'shardId-000000000000'
let folder: string
let clock: number
let store: StreamStore

function openStore() {
  return openStreamStore({ folder, now: () => clock })
}
function put(key: string, ...values: string[]) {
  return store.putRecords(
    'ticks',
    values.map((value) => ({ partitionKey: key, data: Buffer.from(value) })),
  )
}
function read(shardId: string, afterSequenceNumber?: string, limit = 10_000) {
  return store.read('ticks', shardId, { afterSequenceNumber, limit })
}
function texts(shardId: string, after?: string, limit?: number) {
  return read(shardId, after, limit).map((record) => Buffer.from(record.data).toString())
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stream-store-'))
  clock = Date.parse('2026-01-05T14:30:00Z')
  store = openStore()
  store.createStream({ name: 'ticks', shardCount: 1, retentionHours: 24 })
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

test('reads after a sequence number, up to a limit', () => {
  const [one] = put('a', 'one', 'two', 'three')
  expect(texts(first, one?.sequenceNumber, 1)).toEqual(['two'])
  expect(texts(first, store.latest('ticks', first))).toEqual([])
})

test('goes on with rising sequence numbers after a restart, even when all records are trimmed', () => {
  const [before] = put('a', 'before')
  clock += 25 * hour
  expect(store.trim()).toBe(1)
  store.close()
  store = openStore()
  const [after] = put('a', 'after')
  expect(Number(BigInt(after?.sequenceNumber ?? 0) - BigInt(before?.sequenceNumber ?? 0))).toBeGreaterThan(0)
  expect(texts(first, before?.sequenceNumber)).toEqual(['after'])
})

test('arrivals never fall by little, and follow a clock that was set back', () => {
  const begin = clock
  const arrivals: number[] = []
  for (const seconds of [0, 3600, 3601, 3600.5, 2, 3, 2.5]) {
    clock = begin + seconds * 1000
    put('a', String(seconds))
  }
  for (const { arrivedAt } of read(first)) arrivals.push((arrivedAt - begin) / 1000)
  expect(arrivals).toEqual([0, 3600, 3601, 3601, 2, 3, 3])
  store.close()
  store = openStore()
  clock = begin + 4000
  put('a', 'after a restart')
  expect(read(first).at(-1)?.arrivedAt).toBe(clock)
})

test('a clock that is put forward and back gives each record its time, and none of it is passed over', () => {
  const begin = clock
  for (const [aheadMs, value] of [
    [0, 'right'],
    [300_000, 'ahead'],
    [-300_000, 'behind'],
    [500, 'little'],
    [0, 'again'],
  ] as const) {
    store.setClock(aheadMs)
    expect(store.now()).toBe(begin + aheadMs)
    put('a', value)
  }
  const arrivals = read(first).map(({ arrivedAt }) => arrivedAt - begin)
  expect(arrivals).toEqual([0, 300_000, -300_000, 500, 0])
  const from = (time: number) => texts(first, store.positionAt('ticks', first, begin + time))
  expect(from(1)).toEqual(['ahead', 'behind', 'little', 'again'])
  expect(from(300_001)).toEqual([])
  expect(from(-300_000)).toEqual(['right', 'ahead', 'behind', 'little', 'again'])
})

test('what arrived by a clock that was ahead is kept for as long as its time says, and all after it', () => {
  store.setClock(hour)
  put('a', 'ahead')
  store.setClock(0)
  put('a', 'right')
  clock += 24 * hour + 1
  expect(store.trim()).toBe(0)
  clock += hour
  expect(store.trim()).toBe(2)
  expect(texts(first)).toEqual([])
})

test('goes on above the old sequence numbers when a stream is made anew', () => {
  const [before] = put('a', 'before')
  clock += 1
  store.deleteStream('ticks')
  store.createStream({ name: 'ticks', shardCount: 1, retentionHours: 24 })
  const [after] = put('a', 'after')
  expect(BigInt(after?.sequenceNumber ?? 0) > BigInt(before?.sequenceNumber ?? 0)).toBe(true)
  expect(texts(first)).toEqual(['after'])
})

describe('a stream that a template declares', () => {
  const declare = (shardCount: number | undefined, changed: Partial<NewStream> = {}) =>
    store.ensureStream({ name: 'ticks', retentionHours: 24, ...changed, shardCount })
  const open = () => store.listShards('ticks').filter(({ closed }) => !closed).length
  const restart = () => {
    store.close()
    store = openStore()
  }

  test('keeps its records, and gets the shards, the retention and the mode that are declared now', () => {
    put('a', 'kept')
    declare(2, { retentionHours: 48 })
    expect(texts(first)).toEqual(['kept'])
    restart()
    expect(store.describe('ticks')).toMatchObject({ mode: 'PROVISIONED', retentionHours: 48 })
    expect(open()).toBe(2)
    declare(undefined, { mode: 'ON_DEMAND' })
    restart()
    expect(store.describe('ticks')).toMatchObject({ mode: 'ON_DEMAND', retentionHours: 24 })
    expect(open()).toBe(2)
  })

  test('keeps shards that were split by hand until another number is declared', () => {
    declare(1)
    store.splitShard('ticks', first, 2n ** 126n)
    restart()
    declare(1)
    expect(open()).toBe(2)
    declare(3)
    expect(open()).toBe(3)
    declare(undefined, { mode: 'ON_DEMAND' })
    store.updateShardCount('ticks', 6)
    declare(3)
    expect(open()).toBe(3)
  })

  test('refuses more than double and less than half, and then changes nothing', () => {
    declare(2)
    store.updateShardCount('ticks', 4)
    const before = store.describe('ticks')
    expect(() => declare(9, { retentionHours: 48 })).toThrow(
      'Stream ticks has 4 open shards and cannot get 9 at once: Kinesis at most doubles or halves them. ' +
        'Take a number from 2 to 8 first.',
    )
    expect(() => declare(1)).toThrow('cannot get 1 at once')
    expect(store.describe('ticks')).toEqual(before)
    restart()
    expect(store.describe('ticks')).toEqual(before)
  })

  test('has 4 shards when it is new and on demand', () => {
    store.ensureStream({ name: 'new', shardCount: undefined, retentionHours: 24, mode: 'ON_DEMAND' })
    expect(store.listShards('new')).toHaveLength(4)
  })
})

test('appends all of a put or nothing', () => {
  const entry = { partitionKey: 'a', data: Buffer.from('x') }
  expect(() => store.putRecords('ticks', [entry, { ...entry, explicitHashKey: 2n ** 128n }])).toThrow('2^128')
  expect(texts(first)).toEqual([])
  put('a', 'next')
  expect(texts(first)).toEqual(['next'])
})

test('refuses the sequence number of another shard', () => {
  store.splitShard('ticks', first, 2n ** 127n)
  const [record] = put('a', 'x')
  expect(() => read(first, record?.sequenceNumber)).toThrow('is not one of shard shardId-000000000000')
})

describe('retention', () => {
  test('deletes what is older, keeps what is not', () => {
    put('a', 'old')
    clock += 12 * hour
    put('a', 'young')
    clock += 13 * hour
    expect(store.trim()).toBe(1)
    expect(texts(first)).toEqual(['young'])
    expect(store.trim()).toBe(0)
  })

  test('forgets a closed shard once its records and its end are past it', () => {
    put('a', 'old')
    store.splitShard('ticks', first, 2n ** 127n)
    clock += 25 * hour
    store.trim()
    store.trim()
    expect(store.listShards('ticks').map((shard) => shard.shardId)).not.toContain(first)
    store.close()
    store = openStore()
    expect(store.listShards('ticks')).toHaveLength(2)
  })
})

describe('resharding', () => {
  test('keeps the lineage across a restart', () => {
    store.splitShard('ticks', first, 2n ** 127n)
    store.mergeShards('ticks', 'shardId-000000000001', 'shardId-000000000002')
    store.close()
    store = openStore()
    expect(store.listShards('ticks')).toEqual([
      { shardId: first, parentShardIds: [], closed: true },
      { shardId: 'shardId-000000000001', parentShardIds: [first], closed: true },
      { shardId: 'shardId-000000000002', parentShardIds: [first], closed: true },
      {
        shardId: 'shardId-000000000003',
        parentShardIds: ['shardId-000000000001', 'shardId-000000000002'],
        closed: false,
      },
    ])
  })

  test('refuses to split a closed shard', () => {
    store.splitShard('ticks', first, 2n ** 127n)
    expect(() => store.splitShard('ticks', first, 2n ** 126n)).toThrow('is closed')
  })

  test('scales to any number of equal shards', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }), (counts) => {
        for (const count of counts) store.updateShardCount('ticks', count)
        const live = store.describe('ticks').shards.filter((shard) => shard.closedAt === undefined)
        const sizes = live.map(({ range }) => range.end - range.start + 1n)
        expect(live).toHaveLength(counts.at(-1) ?? 0)
        expect(sizes.reduce((sum, size) => sum + size)).toBe(2n ** 128n)
      }),
      { numRuns: 10 },
    )
  })
})

test('calls a subscriber once after the puts of a turn, until it unsubscribes', async () => {
  let calls = 0
  const unsubscribe = store.subscribe('ticks', () => calls++)
  put('a', 'one')
  put('a', 'two')
  expect(calls).toBe(0)
  await new Promise((resolve) => setImmediate(resolve))
  expect(calls).toBe(1)
  unsubscribe()
  put('a', 'three')
  await new Promise((resolve) => setImmediate(resolve))
  expect(calls).toBe(1)
})

type Keyed = { readonly key: string; readonly text: string }

function perKey(records: readonly Keyed[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  for (const { key, text } of records) groups.set(key, [...(groups.get(key) ?? []), text])
  return groups
}

function readAll(): readonly Keyed[] {
  // Parents come before their children, so shard by shard is oldest first for each key.
  return store.listShards('ticks').flatMap(({ shardId }) => {
    const records: Keyed[] = []
    let page = read(shardId, undefined, 3)
    while (page.length > 0) {
      for (const { partitionKey, data } of page) {
        records.push({ key: partitionKey, text: Buffer.from(data).toString() })
      }
      page = read(shardId, page.at(-1)?.sequenceNumber, 3)
    }
    return records
  })
}

function openShards() {
  return store
    .describe('ticks')
    .shards.filter((shard) => shard.closedAt === undefined)
    .toSorted((a, b) => (a.range.start < b.range.start ? -1 : 1))
}

const putStep = fc.record({
  type: fc.constant<'put'>('put'),
  keys: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 12 }),
})
const splitStep = fc.record({
  type: fc.constant<'split'>('split'),
  shard: fc.nat(),
  permille: fc.integer({ min: 1, max: 999 }),
})
const mergeStep = fc.record({ type: fc.constant<'merge'>('merge'), shard: fc.nat() })
const restartStep = fc.record({ type: fc.constant<'restart'>('restart') })
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: putStep },
    { weight: 2, arbitrary: splitStep },
    { weight: 2, arbitrary: mergeStep },
    { weight: 1, arbitrary: restartStep },
  ),
  { maxLength: 30 },
)

test('gives back every record once, in the order of its key, across splits, merges and restarts', () => {
  fc.assert(
    fc.property(steps, (script) => {
      store.deleteStream('ticks')
      clock += 1
      store.createStream({ name: 'ticks', shardCount: 2, retentionHours: 24 })
      const sent: Keyed[] = []
      for (const action of script) {
        const live = openShards()
        switch (action.type) {
          case 'put': {
            const batch = action.keys.map((key, index) => ({ key: `${key}`, text: `${sent.length + index}` }))
            const entries = batch.map(({ key, text }) => ({ partitionKey: key, data: Buffer.from(text) }))
            store.putRecords('ticks', entries)
            sent.push(...batch)
            break
          }
          case 'split': {
            const shard = live[action.shard % live.length]
            if (shard === undefined) break
            const { start, end } = shard.range
            store.splitShard(
              'ticks',
              shard.shardId,
              start + ((end - start) * BigInt(action.permille)) / 1_000n,
            )
            break
          }
          case 'merge': {
            const index = action.shard % live.length
            const [lower, upper] = [live[index], live[index + 1]]
            if (lower && upper) store.mergeShards('ticks', lower.shardId, upper.shardId)
            break
          }
          case 'restart':
            store.close()
            store = openStore()
        }
      }
      expect(perKey(readAll())).toEqual(perKey(sent))
    }),
    { numRuns: 40 },
  )
})
