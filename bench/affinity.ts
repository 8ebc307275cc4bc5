import type { KinesisStreamRecord } from 'aws-lambda'

import { aggregate, type AggregatorDeps, progressOf } from '../functions/aggregator/aggregate.ts'
import { closeOverdue } from '../functions/aggregator/close-overdue.ts'
import type { MinuteState, PendingBar } from '../functions/domain/minute-state.ts'
import { StateCache } from '../functions/minute-state/state-cache.ts'
import { minuteStateCodec } from '../functions/minute-state/store.ts'
import type { StateStore } from '../functions/shared/dynamodb/state-store.ts'
import { sweep } from '../functions/sweeper/sweep.ts'
import { sfc32 } from '../feed/random.ts'
import { createMemoryStateStore } from '../test/support/memory-state-store.ts'
import { kinesisRecord } from '../test/support/kinesis-event.ts'
import type { Figure } from './measure.ts'

const RULES = { latenessSeconds: 120, graceMs: 2000 }
const START = 1_760_106_720
const SECONDS = 130
/** What Lambda keeps warm beside the instances that the shards need at once. */
const INSTANCES_PER_SHARD = 1.5

/**
 * Lambda without shard affinity: each batch of a shard goes to any warm instance, each symbol trades once a second, and a
 * sweeper runs each minute. How often a bar is put, and what the table is written, on the real aggregator.
 */
export async function benchAffinity(): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const [shards, symbolsPerShard] of [
    [2, 35],
    [13, 77],
    [125, 80],
  ] as const) {
    const world = new World(shards, symbolsPerShard)
    await world.run()
    const name = `without affinity, ${shards} shards x ${symbolsPerShard} symbols`
    figures.push(
      { name: `${name}: puts per bar`, value: world.puts / world.bars.size, unit: 'puts', aim: '<= 2' },
      { name: `${name}: most puts of a bar`, value: Math.max(...world.bars.values()), unit: 'puts' },
      { name: `${name}: failed writes per commit`, value: world.failed / world.commits, unit: 'writes' },
      { name: `${name}: peak`, value: Math.max(...world.putsBySecond.values()), unit: 'bars/s' },
    )
  }
  return figures
}

class World {
  /** How often each bar was put: symbol, minute and revision. */
  readonly bars = new Map<string, number>()
  readonly putsBySecond = new Map<number, number>()
  puts = 0
  commits = 0
  failed = 0
  readonly #random = sfc32([1, 2, 3, 4])
  readonly #store = createMemoryStateStore(minuteStateCodec)
  readonly #instances: readonly AggregatorDeps[]
  readonly #shards: readonly (readonly string[])[]
  #sequence = 0
  #now = START * 1000

  constructor(shards: number, symbolsPerShard: number) {
    this.#shards = Array.from({ length: shards }, (_, shard) =>
      Array.from({ length: symbolsPerShard }, (__, symbol) => `S${shard}-${symbol}`),
    )
    this.#instances = Array.from({ length: Math.ceil(shards * INSTANCES_PER_SHARD) }, () => ({
      ...this.#shared(),
      cache: new StateCache(),
    }))
  }

  #shared(): Omit<AggregatorDeps, 'cache'> {
    return {
      store: this.#counting(this.#store),
      sink: async (bars) => this.#put(bars),
      rules: RULES,
      deadLetters: async () => {},
      now: () => this.#now,
      allowsNonPositive: () => false,
    }
  }

  #counting(store: StateStore<MinuteState>): StateStore<MinuteState> {
    return {
      load: (keys) => store.load(keys),
      pending: () => store.pending(),
      commit: async (key, state, guard) => {
        const result = await store.commit(key, state, guard)
        if (result.type === 'committed') this.commits++
        else this.failed++
        return result
      },
    }
  }

  #put(bars: ReadonlyMap<string, readonly PendingBar[]>): void {
    const second = Math.floor(this.#now / 1000)
    for (const [symbol, pending] of bars)
      for (const { builder } of pending) {
        const key = `${symbol} ${builder.start} ${builder.revision}`
        this.bars.set(key, (this.bars.get(key) ?? 0) + 1)
        this.putsBySecond.set(second, (this.putsBySecond.get(second) ?? 0) + 1)
        this.puts++
      }
  }

  async run(): Promise<void> {
    for (let second = 0; second < SECONDS; second++) {
      this.#now = (START + second) * 1000 + 500
      await Promise.all(this.#shards.map((symbols, shard) => this.#deliver(shard, symbols, START + second)))
      if (second % 60 === 2) await sweep(this.#shared(), { kind: 'due', now: () => this.#now })
    }
  }

  async #deliver(shard: number, symbols: readonly string[], seconds: number): Promise<void> {
    const deps = this.#instances[Math.floor(this.#random() * this.#instances.length)]
    if (deps === undefined) return
    const records = symbols.map((symbol) => this.#record(shard, symbol, seconds))
    await aggregate(deps, records)
    const progress = progressOf(records)
    if (progress === undefined) return
    await closeOverdue(deps, progress, {
      error: (message, error) => {
        throw new Error(message, { cause: error })
      },
    })
  }

  #record(shard: number, symbol: string, seconds: number): KinesisStreamRecord {
    const sequence = ++this.#sequence
    const data = `{"symbol":"${symbol}","price":150.25,"volume":1,"timestamp":${seconds}.25}`
    const shardId = `shardId-${String(shard).padStart(12, '0')}`
    return kinesisRecord({ data, partitionKey: symbol, sequence, arrivedAt: seconds * 1000 + 300, shardId })
  }
}
