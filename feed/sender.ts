import { backoffMs } from '../functions/shared/streams/backoff.ts'
import { type Head, OrderedQueues } from '../functions/shared/streams/ordered-queues.ts'
import type { SealedRecord } from './batcher.ts'
import type { Clock } from './clock.ts'
import { PublishError, StreamRefusedError } from './errors.ts'
import type { KinesisPort, PutOutcome, PutResult } from './kinesis-port.ts'

/** What a publisher reports while puts fail. */
export type PublisherStatus =
  /** `records` failed and are put again in `delayMs`; `sinceMs`: Unix ms of the first failure in a row. */
  | {
      readonly type: 'retrying'
      readonly stream: string
      readonly code: string
      readonly message: string
      readonly records: number
      readonly attempt: number
      readonly delayMs: number
      readonly sinceMs: number
    }
  /** All failed records are on the stream, `downMs` after the first failure. */
  | { readonly type: 'recovered'; readonly stream: string; readonly downMs: number }
  /** The publisher has stopped for good. */
  | { readonly type: 'failed'; readonly error: PublishError }

/** What a sender needs. */
export type SenderOptions = {
  readonly kinesis: KinesisPort
  readonly stream: string
  readonly clock: Clock
  readonly random: () => number
  readonly maxConcurrentPuts: number
  readonly onAcknowledged: (record: SealedRecord) => void
  readonly onStatus: (status: PublisherStatus) => void
}

/** A failure that lasts. */
export type Trouble = { readonly code: string; readonly message: string; readonly sinceMs: number }

type Problem = { readonly code: string; readonly message: string }
type Entry = { readonly record: SealedRecord; failures: number }
type Put = readonly Head<Entry>[]
type Drain = { readonly remaining: Set<Entry>; resolve(): void; reject(error: PublishError): void }

/**
 * Puts sealed records on the stream, each symbol's in order (`OrderedQueues`), with several calls under way. Failed
 * records are put again without end, with back-off, and reported through `onStatus`.
 */
export class Sender {
  readonly counts = { putCalls: 0, recordsRetried: 0 }
  #callsUnderWay = 0
  #trouble: Trouble | undefined
  #failure: PublishError | undefined
  #pumpScheduled = false
  readonly #options: SenderOptions
  readonly #queues = new OrderedQueues<Entry>(new Map(), { bytesOf: (_symbol, { record }) => record.bytes })
  readonly #retrying = new Set<Entry>()
  readonly #drains = new Set<Drain>()
  readonly #stopped = new AbortController()

  constructor(options: SenderOptions) {
    this.#options = options
  }

  get callsUnderWay(): number {
    return this.#callsUnderWay
  }

  get trouble(): Trouble | undefined {
    return this.#trouble
  }

  get failure(): PublishError | undefined {
    return this.#failure
  }

  /** Adds a record after the earlier ones of its symbol. */
  enqueue(record: SealedRecord): void {
    if (this.#failure !== undefined) return
    this.#queues.add(record.symbol, { record, failures: 0 })
    this.#schedulePump()
  }

  /** True while a record of the symbol is not yet on the stream. */
  isPutting(symbol: string): boolean {
    return this.#queues.has(symbol)
  }

  /** Resolves when every record enqueued so far is on the stream; rejects when the sender has failed. */
  async drained(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const last = this.#queues.lasts()
    if (last.length === 0) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#drains.add({ remaining: new Set(last), resolve, reject })
    await promise
  }

  /** Deferred, so that records sealed together go in one call. */
  #schedulePump(): void {
    if (this.#pumpScheduled || !this.#queues.hasReady) return
    this.#pumpScheduled = true
    queueMicrotask(() => {
      this.#pumpScheduled = false
      this.#pump()
    })
  }

  #pump(): void {
    while (this.#queues.hasReady && this.#callsUnderWay < this.#options.maxConcurrentPuts) {
      if (this.#failure !== undefined) return
      void this.#put(this.#queues.take())
    }
  }

  async #put(put: Put): Promise<void> {
    const { kinesis, stream } = this.#options
    this.#callsUnderWay++
    this.counts.putCalls++
    try {
      const result = await kinesis.putRecords(
        stream,
        put.map(({ item }) => item.record),
      )
      if (this.#failure === undefined) this.#settle(put, result)
    } catch (error) {
      this.#fail(
        new PublishError(stream, `Putting ticks on the stream ${stream} failed: ${String(error)}`, error),
      )
    } finally {
      this.#callsUnderWay--
      this.#pump()
    }
  }

  #settle(put: Put, result: PutResult): void {
    switch (result.type) {
      case 'unavailable':
        this.#retry(this.#queues.settle(put, () => false).failed, result)
        return
      case 'refused':
        this.#refuse(result)
        return
      case 'answered':
        if (result.outcomes.length === put.length) this.#settleEach(put, result.outcomes)
        else this.#fail(this.#wrongCount(put.length, result.outcomes.length))
    }
  }

  #settleEach(put: Put, outcomes: readonly PutOutcome[]): void {
    const { accepted, failed } = this.#queues.settle(put, (index) => outcomes[index]?.type === 'accepted')
    for (const { item } of accepted) this.#acknowledge(item)
    this.#schedulePump()
    const refusal = outcomes.find((outcome) => outcome.type === 'refused')
    const problem = outcomes.findLast((outcome) => outcome.type === 'failed')
    if (refusal !== undefined) this.#refuse(refusal)
    else if (problem !== undefined) this.#retry(failed, problem)
  }

  #acknowledge(entry: Entry): void {
    const { stream, clock, onStatus, onAcknowledged } = this.#options
    onAcknowledged(entry.record)
    for (const drain of this.#drains) {
      if (!drain.remaining.delete(entry) || drain.remaining.size > 0) continue
      this.#drains.delete(drain)
      drain.resolve()
    }
    if (!this.#retrying.delete(entry) || this.#retrying.size > 0 || this.#trouble === undefined) return
    const { sinceMs } = this.#trouble
    this.#trouble = undefined
    onStatus({ type: 'recovered', stream, downMs: clock.now() - sinceMs })
  }

  #retry(failed: Put, { code, message }: Problem): void {
    const { stream, clock, random, onStatus } = this.#options
    let attempt = 0
    for (const { item } of failed) {
      attempt = Math.max(attempt, ++item.failures)
      this.#retrying.add(item)
    }
    this.counts.recordsRetried += failed.length
    this.#trouble = { code, message, sinceMs: this.#trouble?.sinceMs ?? clock.now() }
    const { sinceMs } = this.#trouble
    const delayMs = backoffMs(attempt, random())
    void this.#retryAfter(delayMs, failed)
    onStatus({ type: 'retrying', stream, code, message, records: failed.length, attempt, delayMs, sinceMs })
  }

  async #retryAfter(delayMs: number, failed: Put): Promise<void> {
    await this.#options.clock.sleep(delayMs, this.#stopped.signal)
    this.#queues.release(failed)
    this.#schedulePump()
  }

  #refuse({ code, message }: Problem): void {
    this.#fail(new StreamRefusedError(this.#options.stream, code, message))
  }

  #wrongCount(sent: number, answered: number): PublishError {
    const { stream } = this.#options
    return new PublishError(
      stream,
      `The endpoint of the stream ${stream} answered a put of ${sent} records with ${answered} results: ` +
        'it is not Kinesis, check the AWS_ENDPOINT_URL* variables.',
    )
  }

  #fail(error: PublishError): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#stopped.abort()
    this.#queues.clear()
    for (const drain of this.#drains) drain.reject(error)
    this.#drains.clear()
    this.#options.onStatus({ type: 'failed', error })
  }
}
