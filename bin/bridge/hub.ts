import type { RestApi } from '../stage/deployed-api.ts'
import { Audience } from './audience.ts'
import { type Channels, NO_CHANNELS } from './channels.ts'
import type { Fault } from './decide.ts'
import { Gap, type GapOptions } from './gap.ts'
import { interestOf } from './interest.ts'
import { readBars } from './rest.ts'
import { SentBars } from './sent-bars.ts'
import { readRecords, type Received, type Update } from './updates.ts'
import { Upstream, type UpstreamOptions } from './upstream.ts'

/** A client that may have subscriptions. */
export type Subscriber = {
  readonly deliver: (updates: readonly Update[]) => void
  readonly end: (fault: Fault) => void
}

export type HubOptions = Pick<UpstreamOptions, 'url' | 'key' | 'quietMs' | 'againMs' | 'answerMs'> &
  Pick<GapOptions, 'settleMs' | 'longestGapMs'> & {
    readonly api: RestApi
    /** Takes a line for whoever runs the bridge. */
    readonly onNote: (text: string) => void
  }

/** Passes the records of one subscription on to many clients, without a gap in bars. */
export class Hub {
  readonly #options: HubOptions
  readonly #audience = new Audience<Subscriber>()
  readonly #subscribers = new Set<Subscriber>()
  readonly #sent = new SentBars()
  readonly #upstream: Upstream
  readonly #gap: Gap

  constructor(options: HubOptions) {
    this.#options = options
    const { api, onNote, settleMs, longestGapMs } = options
    this.#gap = new Gap({
      readBars: (start) => readBars(api, { symbols: this.#audience.interest().bar, start }),
      pass: (records, origin) => this.#pass(records, origin),
      onGivenUp: (reason) => this.#endAll(reason),
      onNote,
      settleMs,
      longestGapMs,
    })
    this.#upstream = new Upstream({
      ...options,
      onRecords: (records) => this.#gap.take(readRecords(records)),
      onLost: (reason) => {
        this.#gap.begin()
        onNote(`the connection to TickStock has ended (${reason}); connecting again`)
      },
      onFailed: (reason) => onNote(`TickStock cannot be reached (${reason}); trying again`),
      onResumed: () => void this.#gap.end(),
    })
  }

  /**
   * Changes the subscriptions of a client at once; resolves when its records arrive.
   *
   * @throws Error when TickStock does not answer
   */
  async change(subscriber: Subscriber, channels: Channels): Promise<void> {
    this.#subscribers.add(subscriber)
    this.#audience.set(subscriber, channels)
    await this.#upstream.want(this.#audience.interest(), interestOf(channels))
  }

  /** Forgets a client. */
  leave(subscriber: Subscriber): void {
    if (!this.#subscribers.delete(subscriber)) return
    this.#audience.set(subscriber, NO_CHANNELS)
    this.#upstream.want(this.#audience.interest(), interestOf(NO_CHANNELS)).catch(() => undefined)
  }

  async stop(): Promise<void> {
    this.#gap.stop()
    await this.#upstream.stop()
  }

  #pass(records: readonly Received[], origin: 'live' | 'missed'): void {
    const updates = records.flatMap((record): Update | [] =>
      record.type === 'bar'
        ? (this.#sent.judge(record, origin) ?? [])
        : { type: 'trade', symbol: record.symbol, ticks: record },
    )
    for (const [subscriber, share] of this.#audience.share(updates)) subscriber.deliver(share)
  }

  /** Ends the clients, who connect again: a gap that they are not told of is worse. */
  #endAll(reason: string): void {
    const detail = `bars may be missing (${reason}): connect again, and read them from the REST API`
    this.#options.onNote(`clients are disconnected: ${detail}`)
    for (const subscriber of this.#subscribers) subscriber.end({ kind: 'unavailable', detail })
  }
}
