import { type Encoding, encodeRecord } from './encode-record.ts'
import {
  bytesOfSide,
  encodeCancel,
  partitionKeyOf,
  RECORD_END,
  type RecordHead,
  recordStart,
  tickBytes,
} from './encode.ts'
import { TickTooLargeError } from './errors.ts'
import { MAX_KINESIS_RECORD_BYTES } from './kinesis-port.ts'
import type { PutRecord } from './kinesis-port.ts'
import type { FeedTick } from './tick.ts'

/** A finished batch: its bytes never change, however often it is put. */
export type SealedRecord = PutRecord & {
  readonly symbol: string
  readonly sequence: number
  readonly ticks: number
  /** Bytes of data and partition key. */
  readonly bytes: number
}

/** How ticks are batched into records. */
export type BatcherOptions = {
  readonly stream: string
  readonly source: string
  /** Of ticks that name none. */
  readonly line: string | undefined
  readonly startSequence: number
  readonly encoding: Encoding
  readonly maxTicksPerRecord: number
  /** As JSON without sides, whatever is written: a record ends at the same tick in each way. */
  readonly maxRecordBytes: number
  /** Ticks in unfinished batches, all symbols together, at which the oldest batch is sealed. */
  readonly maxOpenTicks: number
}

type OpenBatch = {
  readonly lane: Lane
  /** Line and tape, which a record says once for all of its ticks. */
  readonly said: Pick<FeedTick, 'line' | 'tape'>
  readonly head: RecordHead
  readonly openedAt: number
  /** Old enough to be put, and waiting for the record before it. */
  isDue: boolean
  readonly ticks: FeedTick[]
  /** Of the record as JSON without sides, and of the sides. */
  bytes: number
  sideBytes: number
}

type Lane = {
  readonly symbol: string
  readonly partitionKey: string
  readonly keyBytes: number
  sequence: number
}

/**
 * Batches the ticks of each symbol, in order, into numbered records. Where a record ends depends on the
 * order of the ticks and on the options alone, unless the caller seals by age: the same ticks give the same
 * records.
 */
export class Batcher {
  readonly #options: BatcherOptions
  readonly #emit: (record: SealedRecord) => void
  readonly #lanes = new Map<string, Lane>()
  /** In the order in which they were opened. */
  readonly #open = new Map<string, OpenBatch>()
  /** Of these, the ones that are not due, in the same order. */
  readonly #ageing = new Set<OpenBatch>()
  #openTicks = 0

  constructor(options: BatcherOptions, emit: (record: SealedRecord) => void) {
    this.#options = options
    this.#emit = emit
  }

  /**
   * Adds a tick to its symbol's batch, and emits the batches that are full.
   *
   * @param now Unix milliseconds, remembered as the age of a batch that this tick opens
   * @throws TickTooLargeError when the tick alone exceeds Kinesis's limit; it is not added
   */
  add(tick: FeedTick, now: number): void {
    if (tick.type === 'cancel') return this.#emitCancel(tick)
    const { maxRecordBytes, maxTicksPerRecord, maxOpenTicks } = this.#options
    const bytes = tickBytes(tick) + 1
    const sideBytes = bytesOfSide(tick)
    let batch = this.#open.get(tick.symbol)
    if (batch !== undefined) {
      const isFull =
        batch.bytes + bytes > maxRecordBytes ||
        batch.bytes + bytes + batch.sideBytes + sideBytes + batch.lane.keyBytes > MAX_KINESIS_RECORD_BYTES
      if (isFull || !saysSame(batch.said, tick)) {
        this.#seal(batch)
        batch = undefined
      }
    }
    if (batch === undefined) batch = this.#openBatch(tick, bytes + sideBytes, now)
    batch.ticks.push(tick)
    batch.bytes += bytes
    batch.sideBytes += sideBytes
    this.#openTicks++
    if (batch.ticks.length >= maxTicksPerRecord || batch.bytes >= maxRecordBytes) this.#seal(batch)
    if (this.#openTicks >= maxOpenTicks) this.#sealOldest()
  }

  /** When the oldest unfinished batch that is not due was opened, Unix milliseconds. */
  oldestOpenedAt(): number | undefined {
    return this.#ageing.values().next().value?.openedAt
  }

  /**
   * Seals the batches opened at `time` (Unix milliseconds) or before. One that could not be put yet is due: it takes more
   * ticks until it is full, or `sealDue` is called.
   */
  sealOpenedUntil(time: number, canPut: (symbol: string) => boolean): void {
    for (const batch of this.#ageing) {
      if (batch.openedAt > time) return
      if (canPut(batch.lane.symbol)) this.#seal(batch)
      else {
        batch.isDue = true
        this.#ageing.delete(batch)
      }
    }
  }

  /** Seals the batch of a symbol if it is due. */
  sealDue(symbol: string): void {
    const batch = this.#open.get(symbol)
    if (batch?.isDue === true) this.#seal(batch)
  }

  /** Seals every batch. */
  sealAll(): void {
    for (const batch of this.#open.values()) this.#seal(batch)
  }

  /** After what came before it, in a record of its own. */
  #emitCancel(tick: FeedTick): void {
    const before = this.#open.get(tick.symbol)
    if (before !== undefined) this.#seal(before)
    const { symbol, line, tape } = tick
    const lane = this.#lane(symbol)
    const start = recordStart({
      symbol,
      source: this.#options.source,
      line,
      tape,
      sequence: lane.sequence,
    })
    const data = Buffer.from(encodeCancel(start, tick))
    this.#emit({
      symbol,
      partitionKey: lane.partitionKey,
      sequence: lane.sequence++,
      ticks: 1,
      bytes: data.length + lane.keyBytes,
      data,
    })
  }

  #sealOldest(): void {
    const batch = this.#open.values().next().value
    if (batch !== undefined) this.#seal(batch)
  }

  #openBatch({ symbol, line, tape }: FeedTick, firstTickBytes: number, now: number): OpenBatch {
    const lane = this.#lane(symbol)
    const { source, line: name } = this.#options
    const common = name === undefined ? undefined : { name, isContiguous: false }
    const head = { symbol, source, line: line ?? common, tape, sequence: lane.sequence }
    // One byte less than the end: the first tick has no comma before it.
    const bytes = Buffer.byteLength(recordStart(head)) + RECORD_END.length - 1
    const total = bytes + firstTickBytes + lane.keyBytes
    if (total > MAX_KINESIS_RECORD_BYTES) {
      throw new TickTooLargeError(this.#options.stream, {
        symbol,
        bytes: total,
        limit: MAX_KINESIS_RECORD_BYTES,
      })
    }
    const batch: OpenBatch = {
      lane,
      said: { line, tape },
      head,
      openedAt: now,
      isDue: false,
      ticks: [],
      bytes,
      sideBytes: 0,
    }
    this.#open.set(symbol, batch)
    this.#ageing.add(batch)
    return batch
  }

  #lane(symbol: string): Lane {
    const existing = this.#lanes.get(symbol)
    if (existing !== undefined) return existing
    const partitionKey = partitionKeyOf(symbol)
    const keyBytes = Buffer.byteLength(partitionKey)
    const lane = { symbol, partitionKey, keyBytes, sequence: this.#options.startSequence }
    this.#lanes.set(symbol, lane)
    return lane
  }

  #seal(batch: OpenBatch): void {
    const { lane, head, ticks } = batch
    this.#open.delete(lane.symbol)
    this.#ageing.delete(batch)
    this.#openTicks -= ticks.length
    const { encoding } = this.#options
    const data = encodeRecord(head, ticks, { encoding, jsonBytes: batch.bytes + batch.sideBytes })
    this.#emit({
      symbol: lane.symbol,
      partitionKey: lane.partitionKey,
      sequence: lane.sequence++,
      ticks: ticks.length,
      bytes: data.length + lane.keyBytes,
      data,
    })
  }
}

function saysSame(one: OpenBatch['said'], other: OpenBatch['said']): boolean {
  return (
    one.tape === other.tape &&
    one.line?.name === other.line?.name &&
    one.line?.isContiguous === other.line?.isContiguous
  )
}
