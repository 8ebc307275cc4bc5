import { messageOf } from 'embedded-aws/errors'

import type { RestApi } from '../stage/deployed-api.ts'
import { Audience } from './audience.ts'
import { type Channels, NO_CHANNELS } from './channels.ts'
import type { Fault } from './decide.ts'
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

export type HubOptions = Pick<UpstreamOptions, 'url' | 'key' | 'quietMs' | 'againMs' | 'answerMs'> & {
  readonly api: RestApi
  /** Takes a line for whoever runs the bridge. */
  readonly onNote: (text: string) => void
  /** After how long the bars of a gap are read once more. @default 5000 */
  readonly settleMs?: number
}

/** How long before a gap a bar may have begun that is closed, or corrected, within it. */
const BEFORE_GAP_MS = 5 * 60_000
/** A longer gap is left to clients: what they have missed is in the REST API. */
const LONGEST_GAP_MS = 15 * 60_000
/** Records that may wait while a gap is read. */
const MAX_HELD = 200_000
/** The database may have a bar some moments after the WebSocket API. */
const SETTLE_MS = 5000

/** Passes the records of one subscription on to many clients, without a gap in bars. */
export class Hub {
  readonly #options: HubOptions
  readonly #audience = new Audience<Subscriber>()
  readonly #subscribers = new Set<Subscriber>()
  readonly #sent = new SentBars()
  readonly #upstream: Upstream
  /** Since when records have been missed. */
  #lostAt: number | undefined
  /** Received while the bars before them are read. */
  #held: Received[] = []
  #gap = 0
  #settling: NodeJS.Timeout | undefined

  constructor(options: HubOptions) {
    this.#options = options
    this.#upstream = new Upstream({
      ...options,
      onRecords: (records) => this.#take(readRecords(records)),
      onLost: (reason) => this.#lose(reason),
      onResumed: () => void this.#resume(),
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
    clearTimeout(this.#settling)
    this.#gap++
    await this.#upstream.stop()
  }

  #take(records: readonly Received[]): void {
    if (this.#lostAt === undefined) return this.#pass(records, 'live')
    this.#held.push(...records)
    if (this.#held.length > MAX_HELD) this.#giveUp(`more than ${MAX_HELD} records came meanwhile`)
  }

  #pass(records: readonly Received[], origin: 'live' | 'missed'): void {
    const updates = records.flatMap((record): Update | [] =>
      record.type === 'bar'
        ? (this.#sent.judge(record, origin) ?? [])
        : { type: 'trade', symbol: record.symbol, ticks: record },
    )
    for (const [subscriber, share] of this.#audience.share(updates)) subscriber.deliver(share)
  }

  #lose(reason: string): void {
    this.#lostAt ??= Date.now()
    this.#gap++
    this.#options.onNote(`the connection to TickStock has ended (${reason}); connecting again`)
  }

  /** Passes on the bars that were missed, then what has come since. */
  async #resume(): Promise<void> {
    if (this.#lostAt === undefined) return
    const gap = ++this.#gap
    const missedMs = Date.now() - this.#lostAt
    const resumedAt = Date.now()
    if (missedMs > LONGEST_GAP_MS) return this.#giveUp(`nothing was received for ${seconds(missedMs)}`)
    const isRead = await this.#readGap(gap, this.#lostAt)
    if (!isRead) return
    this.#lostAt = undefined
    this.#pass(this.#held.splice(0), 'live')
    this.#options.onNote(`connected to TickStock again after ${seconds(missedMs)}; no bar was missed`)
    const { settleMs = SETTLE_MS } = this.#options
    clearTimeout(this.#settling)
    this.#settling = setTimeout(() => void this.#readGap(gap, resumedAt), settleMs)
  }

  /** False when the connection was lost again meanwhile, or the API does not give the bars. */
  async #readGap(gap: number, since: number): Promise<boolean> {
    const { bar: symbols } = this.#audience.interest()
    try {
      const reading = readBars(this.#options.api, { symbols, start: since - BEFORE_GAP_MS })
      for await (const bars of reading) {
        if (gap !== this.#gap) return false
        this.#pass(bars, 'missed')
      }
      return gap === this.#gap
    } catch (error) {
      if (gap === this.#gap) this.#giveUp(`what was missed cannot be read: ${messageOf(error)}`)
      return false
    }
  }

  /** Ends the clients, who connect again: a gap that they are not told of is worse. */
  #giveUp(reason: string): void {
    this.#lostAt = undefined
    this.#held = []
    this.#gap++
    const detail = `bars may be missing (${reason}): connect again, and read them from the REST API`
    this.#options.onNote(`clients are disconnected: ${detail}`)
    for (const subscriber of this.#subscribers) subscriber.end({ kind: 'unavailable', detail })
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
