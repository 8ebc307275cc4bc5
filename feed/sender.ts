import { backoffMs } from './backoff.ts'
import type { SealedRecord } from './batcher.ts'
import type { Clock } from './clock.ts'
import { PublishError, StreamRefusedError } from './errors.ts'
import { MAX_BYTES_PER_PUT, MAX_RECORDS_PER_PUT } from './kinesis-port.ts'
import type { KinesisPort, PutResult } from './kinesis-port.ts'

/** What a publisher tells while it has trouble with the stream. */
export type PublisherStatus =
  /** `records` were not taken and are put again in `delayMs`; `sinceMs`: Unix ms of the first failure in a row. */
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
  /** Everything that had failed was taken, `downMs` after the first failure. */
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

/** A failure that has not been made good yet. */
export type Trouble = { readonly code: string; readonly message: string; readonly sinceMs: number }

type Problem = { readonly code: string; readonly message: string }
type Entry = { readonly record: SealedRecord; failures: number }
type Drain = { readonly remaining: Set<Entry>; resolve(): void; reject(error: PublishError): void }

/**
 * Puts sealed records on the stream. A symbol has at most one record under way, and the next one goes only after
 * Kinesis has taken that one; so a partly failed put, tried again, reorders nothing. Different symbols share
 * calls and do not wait for each other.
 */
export class Sender {
  readonly counts = { putCalls: 0, recordsRetried: 0 }
  #callsUnderWay = 0
  #trouble: Trouble | undefined
  #failure: PublishError | undefined
  #pumpScheduled = false
  readonly #options: SenderOptions
  /** Per symbol, oldest first; the first is the one under way. */
  readonly #queues = new Map<string, Entry[]>()
  /** Queues whose first record may be put now, in the order in which they became so. */
  readonly #ready = new Set<Entry[]>()
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

  /** Takes a record to put after the earlier ones of its symbol. */
  enqueue(record: SealedRecord): void {
    if (this.#failure !== undefined) return
    const entry: Entry = { record, failures: 0 }
    const queue = this.#queues.get(record.symbol)
    if (queue !== undefined) {
      queue.push(entry)
      return
    }
    const started = [entry]
    this.#queues.set(record.symbol, started)
    this.#makeReady(started)
  }

  /** Resolves when every record enqueued so far is on the stream; rejects when the sender has failed. */
  async drained(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const last = [...this.#queues.values()].flatMap((queue) => queue.slice(-1))
    if (last.length === 0) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#drains.add({ remaining: new Set(last), resolve, reject })
    await promise
  }

  #makeReady(queue: Entry[]): void {
    this.#ready.add(queue)
    if (this.#pumpScheduled) return
    this.#pumpScheduled = true
    // Deferred, so that records sealed together go in one call.
    queueMicrotask(() => {
      this.#pumpScheduled = false
      this.#pump()
    })
  }

  #pump(): void {
    while (this.#ready.size > 0 && this.#callsUnderWay < this.#options.maxConcurrentPuts) {
      if (this.#failure !== undefined) return
      void this.#put(this.#takeReady())
    }
  }

  #takeReady(): Entry[] {
    const taken: Entry[] = []
    let bytes = 0
    for (const queue of this.#ready) {
      const [first] = queue
      if (first === undefined) continue
      bytes += first.record.bytes
      if (taken.length === MAX_RECORDS_PER_PUT || (taken.length > 0 && bytes > MAX_BYTES_PER_PUT)) break
      taken.push(first)
      this.#ready.delete(queue)
    }
    return taken
  }

  async #put(entries: readonly Entry[]): Promise<void> {
    const { kinesis, stream } = this.#options
    this.#callsUnderWay++
    this.counts.putCalls++
    try {
      const result = await kinesis.putRecords(
        stream,
        entries.map((entry) => entry.record),
      )
      if (this.#failure === undefined) this.#settle(entries, result)
    } catch (error) {
      this.#fail(
        new PublishError(stream, `Putting ticks on the stream ${stream} broke off: ${String(error)}`, error),
      )
    } finally {
      this.#callsUnderWay--
      this.#pump()
    }
  }

  #settle(entries: readonly Entry[], result: PutResult): void {
    switch (result.type) {
      case 'unavailable':
        this.#retry(entries, result)
        return
      case 'refused':
        this.#refuse(result)
        return
      case 'answered':
        if (result.outcomes.length === entries.length) this.#settleEach(entries, result.outcomes)
        else this.#fail(this.#wrongCount(entries.length, result.outcomes.length))
    }
  }

  #settleEach(
    entries: readonly Entry[],
    outcomes: Extract<PutResult, { type: 'answered' }>['outcomes'],
  ): void {
    const failed: Entry[] = []
    let problem: Problem | undefined
    for (const [index, entry] of entries.entries()) {
      const outcome = outcomes[index]
      if (outcome === undefined || outcome.type === 'accepted') {
        this.#acknowledge(entry)
        continue
      }
      if (outcome.type === 'refused') {
        this.#refuse(outcome)
        return
      }
      failed.push(entry)
      problem = outcome
    }
    if (problem !== undefined) this.#retry(failed, problem)
  }

  #acknowledge(entry: Entry): void {
    const { stream, clock, onStatus, onAcknowledged } = this.#options
    const queue = this.#queues.get(entry.record.symbol)
    queue?.shift()
    if (queue === undefined || queue.length === 0) this.#queues.delete(entry.record.symbol)
    else this.#makeReady(queue)
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

  #retry(entries: readonly Entry[], { code, message }: Problem): void {
    const { stream, clock, random, onStatus } = this.#options
    let attempt = 0
    for (const entry of entries) {
      attempt = Math.max(attempt, ++entry.failures)
      this.#retrying.add(entry)
    }
    this.counts.recordsRetried += entries.length
    this.#trouble = { code, message, sinceMs: this.#trouble?.sinceMs ?? clock.now() }
    const { sinceMs } = this.#trouble
    const delayMs = backoffMs(attempt, random())
    void this.#retryAfter(delayMs, entries)
    onStatus({ type: 'retrying', stream, code, message, records: entries.length, attempt, delayMs, sinceMs })
  }

  async #retryAfter(delayMs: number, entries: readonly Entry[]): Promise<void> {
    await this.#options.clock.sleep(delayMs, this.#stopped.signal)
    for (const { record } of entries) {
      const queue = this.#queues.get(record.symbol)
      if (queue !== undefined) this.#makeReady(queue)
    }
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
    this.#ready.clear()
    this.#queues.clear()
    for (const drain of this.#drains) drain.reject(error)
    this.#drains.clear()
    this.#options.onStatus({ type: 'failed', error })
  }
}
