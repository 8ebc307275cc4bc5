import type { KinesisStreamRecord } from 'aws-lambda'

import { aggregate, type AggregatorDeps, progressOf } from '../../functions/aggregator/aggregate.ts'
import { closeOverdue, type Progress } from '../../functions/aggregator/close-overdue.ts'
import { createBarWriter } from '../../functions/bar-writer/bar-writer.ts'
import type { Rules } from '../../functions/domain/event.ts'
import type { MinuteState } from '../../functions/domain/minute-state.ts'
import { createBarStream } from '../../functions/minute-state/bar-stream.ts'
import { StateCache } from '../../functions/minute-state/state-cache.ts'
import { minuteStateCodec } from '../../functions/minute-state/store.ts'
import type { StateStore } from '../../functions/shared/dynamodb/state-store.ts'
import type { Database } from '../../functions/shared/postgres/database.ts'
import type { PutRecords } from '../../functions/shared/streams/put-in-order.ts'
import { sweep } from '../../functions/sweeper/sweep.ts'
import { type Fault, meetFault } from './faults.ts'
import { kinesisRecord } from './kinesis-event.ts'
import { createMemoryStateStore } from './memory-state-store.ts'

/**
 * Calls to table, stream and database in which an aggregator, sweeper or writer may die: `before`, the call did nothing;
 * `after`, nobody learns that it did. A number has a bit for each record of a put that the stream refuses.
 */
export type WorldFault = Fault | number

/** A delivery of records of a shard to instances: beside the first, zombies work on the batch that it was given. */
export type Delivery = {
  readonly shard: number
  readonly count: number
  readonly to: readonly number[]
  /** Records before the checkpoint that come again. */
  readonly again: number
}

/** Unix seconds at which the world begins, and at which its records arrive. */
export const BEGIN = 1_760_106_720
const ARRIVED = (BEGIN + 100_000) * 1000

/** A record of a shard of the stream `ticks`. */
export function shardRecord(
  { data, symbol }: { readonly data: string; readonly symbol: string },
  { shard, place }: { readonly shard: number; readonly place: number },
): KinesisStreamRecord {
  const shardId = `shardId-00000000000${shard}`
  const made = kinesisRecord({ data, partitionKey: symbol, sequence: place, arrivedAt: ARRIVED, shardId })
  // With one digit more from the fourth on: numbers are to be compared as numbers, and within a shard only.
  return { ...made, kinesis: { ...made.kinesis, sequenceNumber: String(7 + place) } }
}

/** Instances of the aggregator over a table in memory, and what is behind them; each call may meet a fault. */
export class World {
  /** The stream `bars`. */
  readonly bars: KinesisStreamRecord[] = []
  now = BEGIN * 1000
  #written = 0
  readonly #checkpoints: number[]
  readonly #store = createMemoryStateStore(minuteStateCodec)
  readonly #faults: WorldFault[]
  readonly #rules: Rules
  readonly #shards: readonly (readonly KinesisStreamRecord[])[]
  #progress: Progress | undefined
  #aggregators: readonly AggregatorDeps[]
  readonly #writer: ReturnType<typeof createBarWriter>

  constructor(
    shards: readonly (readonly KinesisStreamRecord[])[],
    {
      faults,
      rules,
      instances,
      database,
    }: {
      readonly faults: readonly WorldFault[]
      readonly rules: Rules
      readonly instances: number
      readonly database?: Database
    },
  ) {
    this.#shards = shards
    this.#checkpoints = shards.map(() => 0)
    this.#rules = rules
    this.#faults = [...faults]
    this.#aggregators = Array.from({ length: instances }, () => this.#start())
    this.#writer = createBarWriter({
      database: {
        query: (text, values) =>
          this.#call(() => {
            if (database === undefined) throw new Error('this world has no database')
            return database.query(text, values)
          }),
      },
      deadLetters: (rejected) =>
        this.#call(() => {
          if (rejected.length > 0) throw new Error('the bar-writer refused a bar')
        }),
      now: () => this.now,
      log: { error: () => {} },
      measure: () => {},
    })
  }

  #call<Result>(work: () => Promise<Result> | Result): Promise<Result> {
    return meetFault(this.#faults, work)
  }

  #start(): AggregatorDeps {
    const store = this.#store
    return {
      rules: this.#rules,
      cache: new StateCache(),
      allowsNonPositive: () => false,
      // Nothing is read before it has arrived.
      now: () => Math.max(this.now, ARRIVED),
      deadLetters: () => this.#call(() => {}),
      store: {
        load: (keys) => this.#call(() => store.load(keys)),
        commit: (key, state, guard) => this.#call(() => store.commit(key, state, guard)),
        pending: () => this.#pending(),
      },
      sink: createBarStream((_, records) => this.#put(records), 'bars', { backOff: async () => {} }),
    }
  }

  /** A scan that can fail at its first page or at a later one. */
  async *#pending(): ReturnType<StateStore<MinuteState>['pending']> {
    await this.#call(() => {})
    for await (const found of this.#store.pending()) {
      yield found
      await this.#call(() => {})
    }
  }

  async #put(records: Parameters<PutRecords>[1]): ReturnType<PutRecords> {
    const [fault] = this.#faults
    const refused = typeof fault === 'number' ? fault : 0
    return await this.#call(() => {
      const Records = records.map(({ PartitionKey = '', Data = Buffer.of() }, index) => {
        if (((refused >> index) & 1) === 1) return { ErrorCode: 'ProvisionedThroughputExceededException' }
        const data = Buffer.from(Data).toString()
        const sequence = this.bars.length
        this.bars.push(kinesisRecord({ data, partitionKey: PartitionKey, sequence, arrivedAt: this.now }))
        return { SequenceNumber: String(sequence) }
      })
      return { FailedRecordCount: Records.filter((record) => 'ErrorCode' in record).length, Records }
    })
  }

  async deliver({ shard, count, to, again }: Delivery): Promise<boolean> {
    const stream = this.#shards[shard] ?? []
    const checkpoint = this.#checkpoints[shard] ?? 0
    const batch = stream.slice(Math.max(0, checkpoint - again), checkpoint + count)
    const workers = to.flatMap((instance) => this.#aggregators[instance % this.#aggregators.length] ?? [])
    const [result] = await Promise.allSettled(workers.map((parts) => aggregate(parts, batch)))
    if (result?.status !== 'fulfilled') {
      // The instance died, and its cache with it.
      this.#aggregators = this.#aggregators.map((parts) =>
        Math.abs(batch.length) % 2 === 0 ? this.#start() : parts,
      )
      return false
    }
    this.#progress = progressOf(batch) ?? this.#progress
    const { firstFailure } = result.value
    const failedAt = batch.findIndex(({ kinesis }) => kinesis.sequenceNumber === firstFailure?.sequenceNumber)
    const handled = failedAt < 0 ? batch : batch.slice(0, failedAt)
    const last = handled.at(-1)
    if (last !== undefined) this.#checkpoints[shard] = Math.max(checkpoint, stream.indexOf(last) + 1)
    return firstFailure === undefined
  }

  async clock(ms: number): Promise<void> {
    this.now += ms
    for (const parts of this.#aggregators)
      if (this.#progress !== undefined)
        await closeOverdue(
          parts,
          { ...this.#progress, arrivedAt: this.#progress.arrivedAt + ms },
          { error: () => {} },
        )
  }

  async sweep(kind: 'due' | 'all'): Promise<void> {
    await sweep(this.#start(), { kind, now: () => this.now })
  }

  /** Its checkpoint moves when the writer has answered; a zombie's answer reaches nobody. */
  async write({ count, zombie }: { readonly count: number; readonly zombie: number }): Promise<void> {
    const batch = this.bars.slice(this.#written, this.#written + count)
    const from = Math.max(0, this.#written - zombie)
    const old = this.bars.slice(from, Math.min(from + 2, this.#written))
    const [result] = await Promise.allSettled([
      this.#writer({ Records: batch }),
      ...(old.length > 0 ? [this.#writer({ Records: old })] : []),
    ])
    if (result.status === 'rejected') throw result.reason
    this.#written += batch.length
  }

  /** Delivers what is left, and once more what came last, and closes everything. */
  async finish(): Promise<void> {
    this.#faults.length = 0
    for (const [shard, { length }] of this.#shards.entries()) {
      for (let deliveries = 0; (this.#checkpoints[shard] ?? 0) < length; deliveries++) {
        if (deliveries > length) throw new Error('without a fault a batch is not taken')
        await this.deliver({ shard, count: 3, to: [deliveries], again: 1 })
      }
      await this.deliver({ shard, count: 1, to: [1], again: 5 })
    }
    await this.sweep('all')
  }

  /** The first half of the bars comes once more, without what may have revised it. */
  async writeFirstHalf(): Promise<void> {
    await this.#writer({ Records: this.bars.slice(0, this.bars.length / 2) })
  }
}
