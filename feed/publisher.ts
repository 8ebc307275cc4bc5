import { Batcher } from './batcher.ts'
import type { SealedRecord } from './batcher.ts'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { type Encoding, ENCODINGS } from './encode-record.ts'
import { InvalidOptionError, PublisherClosedError } from './errors.ts'
import type { PublishError } from './errors.ts'
import type { KinesisPort } from './kinesis-port.ts'
import { Sender } from './sender.ts'
import type { PublisherStatus, Trouble } from './sender.ts'
import type { FeedTick } from './tick.ts'

/** How a publisher batches and where it puts. */
export type PublisherOptions = {
  readonly kinesis: KinesisPort
  readonly stream: string
  /**
   * The producer's name in every record, up to 64 characters; source, symbol and sequence identify
   * duplicates.
   */
  readonly source: string
  /** The numbering that the ids of the ticks belong to, up to 64 characters. @default the source */
  readonly line?: string
  /**
   * The age at which a batch is put although it is not full, milliseconds; later while the record before it is not yet on the
   * stream. `Infinity` makes the records depend on
   * the ticks alone: with the same `startSequence`, a replay that is started again sends the same records.
   * @default 100
   */
  readonly maxAgeMs?: number
  /**
   * Batches that reach their age so many milliseconds later are put with the first, in one call: fewer calls, and for symbols
   * with several ticks within the age more records. @default 0
   */
  readonly coalesceMs?: number
  /** @default 500 */
  readonly maxTicksPerRecord?: number
  /**
   * How records are written, docs/streams.md has both: compact where that can hold the ticks and is smaller, or all as JSON. It
   * does not change where a record ends.
   * @default 'compact'
   */
  readonly encoding?: Encoding
  /** Bytes of data in one record, as JSON without sides; the default is what Kinesis bills as one unit. @default 25_000 */
  readonly maxRecordBytes?: number
  /** Ticks published and not yet acknowledged at which `publish` makes the caller wait. @default 100_000 */
  readonly maxBufferedTicks?: number
  /** PutRecords calls under way at a time. @default 8 */
  readonly maxConcurrentPuts?: number
  /**
   * The number of each symbol's first record. It has to be above all that this source sent before, so the default
   * is the wall clock in microseconds; with a fixed number a repeated replay consists of duplicates.
   */
  readonly startSequence?: number
  readonly clock?: Clock
  /** A number in [0, 1), for the jitter of the back-off. */
  readonly random?: () => number
  /** Called when the next so many ticks of a symbol are on the stream. */
  readonly onAcknowledged?: (symbol: string, ticks: number) => void
  /** Called when puts fail, when they succeed again, and when the publisher has failed. */
  readonly onStatus?: (status: PublisherStatus) => void
}

/** Counters since the publisher was created, and its present state. */
type PublisherStats = {
  readonly ticksPublished: number
  readonly ticksAcknowledged: number
  /** Ticks taken and not yet acknowledged. */
  readonly ticksBuffered: number
  readonly recordsAcknowledged: number
  readonly bytesAcknowledged: number
  readonly putCalls: number
  readonly putCallsUnderWay: number
  /** Records put again, counted once per failure. */
  readonly recordsRetried: number
  /** The latest failure, while anything that failed is not yet on the stream. */
  readonly trouble: Trouble | undefined
}

/** Puts ticks on a Kinesis stream, each symbol's in order. */
export type Publisher = {
  /**
   * Takes a tick. Returns undefined when there is room for more; otherwise a promise to await before the next
   * tick, which resolves when there is room again. Rejects with a {@link PublishError}: when the stream refused a
   * put (then for good), when this tick is larger than Kinesis takes, or after `close`.
   */
  publish(tick: FeedTick): Promise<void> | undefined
  /** Resolves when every tick taken so far is on the stream. Rejects when the stream refused a put. */
  flush(): Promise<void>
  /** Flushes and takes no more ticks. */
  close(): Promise<void>
  stats(): PublisherStats
}

/**
 * Creates the publisher for one stream and source.
 *
 * Ticks leave in batches of one symbol, ended by count, size, age, or half the buffer being in unfinished
 * batches; by age once the symbol's record before is on the stream. Failed puts are retried without end, with the same bytes, and reported in `stats` and `onStatus`.
 *
 * @throws InvalidOptionError
 */
export function createPublisher(options: PublisherOptions): Publisher {
  return new BatchingPublisher(options)
}

class BatchingPublisher implements Publisher {
  readonly #stream: string
  readonly #clock: Clock
  readonly #maxAgeMs: number
  readonly #coalesceMs: number
  readonly #maxBufferedTicks: number
  readonly #batcher: Batcher
  readonly #sender: Sender
  readonly #stopped = new AbortController()
  readonly #counts = { ticksPublished: 0, ticksAcknowledged: 0, recordsAcknowledged: 0, bytesAcknowledged: 0 }
  #room: PromiseWithResolvers<void> | undefined
  #ageTimerSet = false
  #closing: Promise<void> | undefined

  constructor(options: PublisherOptions) {
    const { kinesis, stream, source, clock = systemClock, onStatus } = options
    this.#stream = stream
    this.#clock = clock
    this.#maxAgeMs = age('maxAgeMs', options.maxAgeMs ?? 100)
    this.#coalesceMs = age('coalesceMs', options.coalesceMs ?? 0)
    this.#maxBufferedTicks = whole('maxBufferedTicks', options.maxBufferedTicks ?? 100_000)
    const maxConcurrentPuts = whole('maxConcurrentPuts', options.maxConcurrentPuts ?? 8)
    const batching = {
      stream,
      source: named('source', source),
      line: options.line === undefined ? undefined : named('line', options.line),
      startSequence: whole('startSequence', options.startSequence ?? Math.floor(clock.now() * 1000), {
        least: 0,
      }),
      encoding: encodingOf(options.encoding ?? 'compact'),
      maxTicksPerRecord: whole('maxTicksPerRecord', options.maxTicksPerRecord ?? 500),
      maxRecordBytes: whole('maxRecordBytes', options.maxRecordBytes ?? 25_000, { most: 1_000_000 }),
      maxOpenTicks: Math.max(1, Math.floor(this.#maxBufferedTicks / 2)),
    }
    this.#sender = new Sender({
      kinesis,
      stream,
      clock,
      random: options.random ?? Math.random,
      maxConcurrentPuts,
      onAcknowledged: (record) => {
        this.#acknowledge(record)
        options.onAcknowledged?.(record.symbol, record.ticks)
      },
      onStatus: (status) => {
        if (status.type === 'failed') this.#fail(status.error)
        onStatus?.(status)
      },
    })
    this.#batcher = new Batcher(batching, (record) => this.#sender.enqueue(record))
  }

  publish(tick: FeedTick): Promise<void> | undefined {
    if (this.#closing !== undefined) return Promise.reject(new PublisherClosedError(this.#stream))
    if (this.#sender.failure !== undefined) return Promise.reject(this.#sender.failure)
    try {
      this.#batcher.add(tick, this.#clock.now())
    } catch (error) {
      return Promise.reject(error)
    }
    this.#counts.ticksPublished++
    this.#setAgeTimer()
    if (this.#buffered() < this.#maxBufferedTicks) return undefined
    this.#room ??= Promise.withResolvers<void>()
    return this.#room.promise
  }

  async flush(): Promise<void> {
    this.#batcher.sealAll()
    await this.#sender.drained()
  }

  close(): Promise<void> {
    this.#closing ??= this.flush().finally(() => this.#stopped.abort())
    return this.#closing
  }

  stats(): PublisherStats {
    return {
      ...this.#counts,
      ...this.#sender.counts,
      ticksBuffered: this.#buffered(),
      putCallsUnderWay: this.#sender.callsUnderWay,
      trouble: this.#sender.trouble,
    }
  }

  #buffered(): number {
    return this.#counts.ticksPublished - this.#counts.ticksAcknowledged
  }

  #acknowledge(record: SealedRecord): void {
    this.#counts.ticksAcknowledged += record.ticks
    this.#counts.recordsAcknowledged++
    this.#counts.bytesAcknowledged += record.bytes
    if (!this.#sender.isPutting(record.symbol)) this.#batcher.sealDue(record.symbol)
    if (this.#room === undefined || this.#buffered() >= this.#maxBufferedTicks) return
    this.#room.resolve()
    this.#room = undefined
  }

  #fail(error: PublishError): void {
    this.#stopped.abort()
    this.#room?.reject(error)
    this.#room = undefined
  }

  #setAgeTimer(): void {
    if (this.#ageTimerSet || this.#maxAgeMs === Infinity) return
    const openedAt = this.#batcher.oldestOpenedAt()
    if (openedAt === undefined) return
    this.#ageTimerSet = true
    void this.#sealWhenAged(openedAt)
  }

  async #sealWhenAged(openedAt: number): Promise<void> {
    // A clock that was set back must not make a batch wait longer than its age.
    const wait = Math.min(this.#maxAgeMs, openedAt + this.#maxAgeMs - this.#clock.now())
    await this.#clock.sleep(Math.max(0, wait), this.#stopped.signal)
    this.#ageTimerSet = false
    if (this.#stopped.signal.aborted) return
    const due = this.#clock.now() - this.#maxAgeMs
    // A stream that answers slower than batches age gets larger records, not a queue of small ones.
    this.#batcher.sealOpenedUntil(
      Math.max(openedAt, due) + this.#coalesceMs,
      (symbol) => !this.#sender.isPutting(symbol),
    )
    this.#setAgeTimer()
  }
}

function whole(option: string, value: number, { least = 1, most = Number.MAX_SAFE_INTEGER } = {}): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value
  throw new InvalidOptionError(option, value, `a whole number from ${least} to ${most}`)
}

function named(option: string, name: string): string {
  if (name.length >= 1 && name.length <= 64) return name
  throw new InvalidOptionError(option, JSON.stringify(name), 'a name of 1 to 64 characters')
}

function encodingOf(given: Encoding): Encoding {
  if (ENCODINGS.includes(given)) return given
  throw new InvalidOptionError('encoding', given, ENCODINGS.join(' or '))
}

function age(option: string, value: number): number {
  if (value >= 0) return value
  throw new InvalidOptionError(
    option,
    value,
    'milliseconds from 0, or Infinity to batch by count and size only',
  )
}
