import { describe, expect, it } from 'vitest'

import { type Bucket, JOURNAL } from '../../../../functions/shared/dead-letters/bucket.ts'
import type { DeadLetter } from '../../../../functions/shared/dead-letters/dead-letter.ts'
import { type Doubtful, redrive } from '../../../../functions/shared/dead-letters/redrive.ts'
import { aggregate, type AggregatorDeps } from '../../../../functions/aggregator/aggregate.ts'
import { StateCache } from '../../../../functions/minute-state/state-cache.ts'
import { minuteStateCodec } from '../../../../functions/minute-state/store.ts'
import { kinesisRecord } from '../../../support/kinesis-event.ts'
import { createMemoryStateStore } from '../../../support/memory-state-store.ts'

const TICKS = 'ticks'
const T = 1_760_106_720

/** A bucket, the stream `ticks` with the aggregator behind it, and a fault after so many steps of a redrive. */
function harness() {
  const objects = new Map<string, string>()
  const order: string[] = []
  let placed = 100
  let stepsLeft = Infinity
  const step = (): void => {
    if (stepsLeft-- <= 0) throw new Error('crash')
  }
  const parts: AggregatorDeps = {
    store: createMemoryStateStore(minuteStateCodec),
    sink: async () => {},
    deadLetters: async () => {},
    rules: { latenessSeconds: 120, graceMs: 2000 },
    cache: new StateCache(),
    allowsNonPositive: () => false,
    now: () => (T + 600) * 1000,
  }
  const put = async (partitionKey: string, data: string) => {
    order.push(data)
    await aggregate(parts, [
      kinesisRecord({ data, partitionKey, sequence: ++placed, arrivedAt: (T + 600) * 1000 }),
    ])
  }
  const bucket: Bucket = {
    keys: async () => [...objects.keys()],
    list: async () => [...objects.keys()].map((key) => ({ key, at: 0 })),
    read: async (key) => objects.get(key),
    write: async (key, body) => (step(), void objects.set(key, body)),
    delete: async (keys) => {
      for (const key of keys) {
        step()
        objects.delete(key)
      }
    },
  }
  const run = (letters: readonly DeadLetter[], doubtful: Doubtful = 'leave') =>
    redrive(
      {
        bucket,
        ticksStream: TICKS,
        states: parts.store,
        now: () => 1_760_200_000_000,
        put: async (_stream, records) => {
          const taken = []
          for (const { PartitionKey = '', Data = Buffer.of() } of records) {
            step()
            await put(PartitionKey, Buffer.from(Data).toString())
            taken.push({ SequenceNumber: String(placed), ShardId: '' })
          }
          return { Records: taken }
        },
      },
      letters.filter(({ key }) => objects.has(key)),
      doubtful,
    )
  return {
    objects,
    order,
    run,
    put,
    crashAfter: (steps: number) => {
      stepsLeft = steps
    },
    /** Ticks applied to the open minute of a symbol. */
    applied: async (symbol: string) => (await parts.store.load([symbol])).get(symbol)?.state.open?.count ?? 0,
    add: (letters: readonly DeadLetter[]) => {
      for (const { key } of letters) objects.set(key, '')
    },
  }
}

function letter(
  name: string,
  records: readonly { readonly symbol: string; readonly sequence: number; readonly second: number }[],
  kind: DeadLetter['kind'] = 'rejected',
): DeadLetter {
  return {
    key: name,
    kind,
    stream: TICKS,
    shard: 'shardId-000000000000',
    why: '',
    records: records.map(({ symbol, sequence, second }) => ({
      partitionKey: symbol,
      sequenceNumber: kinesisRecord({ data: '', partitionKey: symbol, sequence, arrivedAt: 0 }).kinesis
        .sequenceNumber,
      arrivedAt: '',
      content: {
        type: 'record',
        data: Buffer.from(JSON.stringify({ symbol, price: '1', volume: '1', timestamp: T + second })),
      },
    })),
  }
}

const LETTERS = [
  letter('b', [
    { symbol: 'A', sequence: 5, second: 3 },
    { symbol: 'B', sequence: 9, second: 2 },
  ]),
  letter('a', [
    { symbol: 'B', sequence: 7, second: 1 },
    { symbol: 'A', sequence: 2, second: 0 },
  ]),
]

describe('a redrive', () => {
  it('puts the records of a symbol back in their old order, and deletes the objects', async () => {
    const { add, run, objects, order, applied } = harness()
    add(LETTERS)
    expect(await run(LETTERS)).toEqual({ put: new Map([[TICKS, 4]]), left: [] })
    expect(objects.size).toBe(0)
    expect([await applied('A'), await applied('B')]).toEqual([2, 2])
    const seconds = (symbol: string) =>
      order
        .filter((data) => data.includes(`"${symbol}"`))
        .map((data) => Number(/"timestamp":(\d+)/.exec(data)?.[1]) - T)
    expect(seconds('A')).toEqual([0, 3])
    expect(seconds('B')).toEqual([1, 2])
  })

  it('that dies at any step and is started again applies every tick once', async () => {
    for (let steps = 0; steps < 10; steps++) {
      const { add, run, objects, crashAfter, applied } = harness()
      add(LETTERS)
      crashAfter(steps)
      const died = await run(LETTERS).then(
        () => false,
        () => true,
      )
      crashAfter(Infinity)
      await run(LETTERS)
      expect({ steps, died, left: [...objects.keys()] }).toEqual({ steps, died: steps < 8, left: [] })
      expect([await applied('A'), await applied('B')]).toEqual([2, 2])
    }
  })

  it('finishes what another began, even where nothing is left to put', async () => {
    const { add, run, objects, crashAfter, applied } = harness()
    add(LETTERS)
    crashAfter(1)
    await expect(run(LETTERS)).rejects.toThrow('crash')
    expect(objects.has(JOURNAL)).toBe(true)
    crashAfter(Infinity)
    expect((await run([])).put).toEqual(new Map([[TICKS, 4]]))
    expect([objects.size, await applied('A')]).toEqual([0, 2])
  })

  it('leaves a batch that may have been applied before it was given up on, until told otherwise', async () => {
    const { add, run, put, objects, applied } = harness()
    const doubtful = letter('doubtful', [{ symbol: 'A', sequence: 5, second: 1 }], 'failed-batch')
    const sure = letter('sure', [{ symbol: 'B', sequence: 6, second: 1 }], 'failed-batch')
    await put('A', JSON.stringify({ symbol: 'A', price: '1', volume: '1', timestamp: T }))
    add([doubtful, sure])
    expect(await run([doubtful, sure])).toEqual({ put: new Map([[TICKS, 1]]), left: [doubtful] })
    expect([[...objects.keys()], await applied('A'), await applied('B')]).toEqual([['doubtful'], 1, 1])
    expect((await run([doubtful], 'assume-unapplied')).left).toEqual([])
    expect([objects.size, await applied('A')]).toEqual([0, 2])
  })

  it('numbers its ticks past those of an earlier one whose clock was ahead', async () => {
    const { add, run, put, applied } = harness()
    await put(
      'A',
      JSON.stringify({ symbol: 'A', source: 'redrive', sequence: 2 ** 52, ticks: [[T, '1', '1']] }),
    )
    add(LETTERS)
    await run(LETTERS)
    expect(await applied('A')).toBe(3)
  })

  it('puts what two objects hold once: a batch that came again had other rejections beside', async () => {
    const ticks = ['[0,1,1]', '[1,1,1]', '[2,1,1]'].map((tick, index) => ({
      type: 'tick' as const,
      tick: tick.replace(/\d+/, (second) => String(T + Number(second))),
      index,
    }))
    const of = (key: string, contents: readonly (typeof ticks)[number][]): DeadLetter => {
      const [record] = letter(key, [{ symbol: 'A', sequence: 5, second: 0 }]).records
      const records = contents.flatMap((content) => (record === undefined ? [] : [{ ...record, content }]))
      return { ...letter(key, []), records }
    }
    const { add, run, objects, applied } = harness()
    const letters = [
      of('some', ticks.slice(1)),
      of('all', ticks),
      letter('b', LETTERS[0]?.records.map(() => ({ symbol: 'A', sequence: 6, second: 4 })) ?? []),
    ]
    add(letters)
    expect((await run(letters)).put).toEqual(new Map([[TICKS, 4]]))
    expect([objects.size, await applied('A')]).toEqual([0, 4])
  })
})
