import type { KinesisStreamBatchResponse, KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda'

import type { VirtualClock } from '../feed/virtual-clock.ts'
import type { Dice } from './dice.ts'
import type { Fleet } from './fleet.ts'
import type { Shard, Stream } from './stream.ts'
import type { Trace } from './trace.ts'

export type MappingOptions = {
  readonly stream: Stream
  readonly fleet: Fleet<KinesisStreamEvent, KinesisStreamBatchResponse>
  readonly clock: VirtualClock
  readonly dice: Dice
  readonly trace: Trace
  readonly batchSize: number
  readonly windowMs: number
  /** The share of batches that are given to two instances, or come again although they were handled. */
  readonly again: number
  /** Sees the records that count as handled; throws where they are not. */
  readonly onHandled?: (records: readonly KinesisStreamRecord[]) => Promise<void>
}

const POLL_MS = 1000

/** An event source mapping: at least once, in order, one batch at a time of a shard, a child after its parents. */
export class Mapping {
  readonly #options: MappingOptions
  /** How many records of a shard count as handled. */
  readonly #handled = new Map<Shard, number>()
  #underWay = 0
  #again: number
  constructor(options: MappingOptions) {
    this.#options = options
    this.#again = options.again
    this.#followNew()
  }

  /** Whether all that is on the stream was handled, and nothing is under way. */
  get isDone(): boolean {
    const { shards } = this.#options.stream
    return (
      this.#underWay === 0 &&
      shards.every((shard) => this.#handled.get(shard) === shard.records.length || shard.records.length === 0)
    )
  }

  /** From now on no batch comes again without need. */
  calm(): void {
    this.#again = 0
  }

  /** Follows the shards whose parents were read to their end. */
  #followNew(): void {
    for (const shard of this.#options.stream.shards)
      if (!this.#handled.has(shard) && shard.parents.every((parent) => this.#isRead(parent))) {
        this.#handled.set(shard, 0)
        this.#follow(shard).catch((error: unknown) => this.#options.trace.fault(error))
      }
  }

  #isRead(shard: Shard): boolean {
    return shard.isClosed && this.#handled.get(shard) === shard.records.length
  }

  async #follow(shard: Shard): Promise<void> {
    const { clock, dice } = this.#options
    let size = this.#options.batchSize
    for (let failures = 0; ;) {
      await clock.sleep(failures === 0 ? dice.whole(POLL_MS / 2, POLL_MS) : dice.whole(50, 1000 * failures))
      if (this.#isRead(shard)) return this.#followNew()
      const from = this.#handled.get(shard) ?? 0
      const batch = shard.records.slice(from, from + size)
      if (batch.length === 0 || (failures === 0 && this.#waits(batch))) continue
      const count = await this.#give(batch)
      this.#handled.set(shard, this.#next(from, count))
      failures = count === batch.length ? 0 : Math.min(failures + 1, 5)
      // Lambda bisects what is left of a batch that failed.
      size = failures === 0 ? this.#options.batchSize : Math.max(1, Math.ceil((batch.length - count) / 2))
      if (failures > 0 && batch.length - count > 1) this.#options.trace.reach('batch split after a failure')
    }
  }

  #waits(batch: readonly KinesisStreamRecord[]): boolean {
    const { clock, windowMs, batchSize } = this.#options
    const oldest = (batch[0]?.kinesis.approximateArrivalTimestamp ?? 0) * 1000
    return batch.length < batchSize && oldest + windowMs > clock.now()
  }

  #next(from: number, count: number): number {
    const { dice, trace } = this.#options
    if (count === 0 || !dice.chance(this.#again)) return from + count
    trace.reach('batch delivered again after success')
    return Math.max(0, from + count - dice.whole(1, count + 3))
  }

  /** How many records of a batch were handled. */
  async #give(batch: readonly KinesisStreamRecord[]): Promise<number> {
    const { fleet, dice, trace, onHandled } = this.#options
    const event = (): KinesisStreamEvent => ({ Records: [...batch] })
    this.#underWay++
    if (dice.chance(this.#again)) {
      trace.reach('batch given to two instances')
      void this.#giveUnheard(event())
    }
    const ending = await fleet.invoke(event())
    this.#underWay--
    if (ending.type !== 'answered') return 0
    const failed = new Set(ending.answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
    const first = batch.findIndex(({ kinesis }) => failed.has(kinesis.sequenceNumber))
    const handled = first < 0 ? batch : batch.slice(0, first)
    if (first >= 0) trace.reach('partial batch response')
    await onHandled?.(handled)
    return handled.length
  }

  async #giveUnheard(event: KinesisStreamEvent): Promise<void> {
    this.#underWay++
    await this.#options.fleet.invoke(event)
    this.#underWay--
  }
}
