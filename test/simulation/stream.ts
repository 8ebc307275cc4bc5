import type { KinesisStreamRecord } from 'aws-lambda'

import { hashText } from '../../feed/random.ts'
import type { PutRecords } from '../../functions/shared/streams/put-in-order.ts'
import type { VirtualClock } from '../feed/virtual-clock.ts'
import { kinesisRecord } from '../support/kinesis-event.ts'
import type { Dice } from './dice.ts'
import type { Trace } from './trace.ts'

/** A shard takes the keys whose hashes lie from `from` to `to`, of 0 to 1, until it is closed. */
export type Shard = {
  readonly id: string
  readonly from: number
  readonly to: number
  readonly parents: readonly Shard[]
  readonly records: KinesisStreamRecord[]
  isClosed: boolean
}

type Put = { readonly partitionKey: string; readonly data: Uint8Array | string }
type Entries = Parameters<PutRecords>[1]

const THROTTLED = { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'Rate exceeded' }

/** A stream in memory, whose shards are split and merged, and refuse what is too much. */
export class Stream {
  readonly shards: Shard[] = []
  readonly name: string
  /** The share of records that is refused. */
  refused = 0
  /** Sees each record as it is taken; throws where it must not be. */
  onRecord: (record: KinesisStreamRecord) => void = () => {}
  #taken = 0
  readonly #clock: VirtualClock
  readonly #dice: Dice
  readonly #trace: Trace

  constructor(
    name: string,
    { shards, clock, dice, trace }: { shards: number; clock: VirtualClock; dice: Dice; trace: Trace },
  ) {
    this.name = name
    this.#clock = clock
    this.#dice = dice
    this.#trace = trace
    for (let index = 0; index < shards; index++) this.#open(index / shards, (index + 1) / shards, [])
  }

  /** The records of all shards in the order in which they were taken. */
  get records(): readonly KinesisStreamRecord[] {
    const all = this.shards.flatMap(({ records }) => records)
    return all.toSorted(
      (one, other) => Number(one.kinesis.sequenceNumber) - Number(other.kinesis.sequenceNumber),
    )
  }

  /** The answer of PutRecords. */
  readonly putRecords = (entries: Entries): Awaited<ReturnType<PutRecords>> => {
    const Records = entries.map(({ PartitionKey = '', Data = '' }) => {
      const SequenceNumber = this.put({ partitionKey: PartitionKey, data: Data })
      return SequenceNumber === undefined ? THROTTLED : { SequenceNumber }
    })
    const FailedRecordCount = Records.filter((record) => 'ErrorCode' in record).length
    if (FailedRecordCount > 0 && FailedRecordCount < Records.length) this.#trace.reach('put refused in part')
    return { FailedRecordCount, Records }
  }

  /** The sequence number of a record that is taken. */
  put({ partitionKey, data }: Put): string | undefined {
    if (this.#dice.chance(this.refused)) return undefined
    const [hash] = hashText(partitionKey)
    const shard = this.#taking.find(({ from, to }) => hash / 2 ** 32 >= from && hash / 2 ** 32 < to)
    if (shard === undefined) throw new Error(`the stream ${this.name} has no shard for ${partitionKey}`)
    // With one digit more from the fourth on: numbers are to be compared as numbers.
    const sequenceNumber = String(7 + this.#taken++)
    const arrivedAt = this.#clock.now()
    const made = kinesisRecord({ data, partitionKey, sequence: 0, arrivedAt, shardId: shard.id })
    const record = {
      ...made,
      eventID: `${shard.id}:${sequenceNumber}`,
      eventSourceARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${this.name}`,
      kinesis: { ...made.kinesis, sequenceNumber },
    }
    this.onRecord(record)
    shard.records.push(record)
    return sequenceNumber
  }

  /** Splits a shard in two, or merges two that are neighbours. */
  reshard(): void {
    const open = this.#taking
    const shard = this.#dice.pick(open)
    const next = open.find(({ from }) => from === shard.to)
    if (next !== undefined && open.length > 1 && this.#dice.chance(0.5)) {
      this.#close(shard, next)
      this.#open(shard.from, next.to, [shard, next])
      this.#trace.reach('shards merged')
    } else if (open.length < 5) {
      this.#close(shard)
      const middle = (shard.from + shard.to) / 2
      this.#open(shard.from, middle, [shard])
      this.#open(middle, shard.to, [shard])
      this.#trace.reach('shard split')
    }
    this.#trace.note(`${this.name} has ${this.#taking.length} open shards`)
  }

  get #taking(): readonly Shard[] {
    return this.shards.filter(({ isClosed }) => !isClosed)
  }

  #close(...shards: readonly Shard[]): void {
    for (const shard of shards) shard.isClosed = true
  }

  #open(from: number, to: number, parents: readonly Shard[]): void {
    const id = `shardId-${String(this.shards.length).padStart(12, '0')}`
    this.shards.push({ id, from, to, parents, records: [], isClosed: false })
  }
}
