import type { Clock } from '../clock.ts'
import { fetchPages } from './fetch-pages.ts'
import { type PutTrade, RecentTrades } from './recent-trades.ts'
import type { FeedCounts, FillLimits } from './symbol-feed.ts'
import type { LineNumber, TimedEvent, TimedTrade } from './venue.ts'

/** Where a run ended: each trade before that time is on the stream, and of those after it, those with these keys. */
export type TimedPlace = { readonly timestamp: string; readonly keys: readonly string[] }

export type TimedFeedOptions = {
  readonly symbol: string
  readonly place: TimedPlace | undefined
  readonly put: (trade: PutTrade, type: 'trade' | 'cancel') => void
  /** Numbers a trade that has no number of the venue's, higher than any before. */
  readonly nextNumber: () => LineNumber
  readonly fillSince: (since: string) => AsyncGenerator<readonly TimedTrade[]>
  readonly report: (text: string) => void
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly limits: FillLimits
}

/** Seconds before the newest trade from which trades are asked for again: they come out of order, and are cancelled. */
const OVERLAP_S = { connection: 60, run: 15 } as const

/**
 * The trades of one symbol of a venue that can only be asked for them by time. After each connection the trades since the
 * newest one are fetched; those of the connection are held back meanwhile. Whatever comes twice is known by its key.
 */
export class TimedFeed {
  readonly counts: FeedCounts = { trades: 0, duplicates: 0, filled: 0, missing: 0, cancelled: 0 }
  readonly #options: TimedFeedOptions
  readonly #recent = new RecentTrades()
  /** Keys of trades of an earlier run. */
  readonly #before: ReadonlySet<string>
  /** Unix seconds of the newest trade that has come. */
  #newest: number | undefined
  /** Unix seconds from which trades may have been missed. */
  #since: number | undefined
  /** Unix seconds of the first connection. */
  #connectedAt: number | undefined
  #attempts = 0
  #connections = 0
  #held: TimedEvent[] = []
  #heldUntil = 0
  #isReleased = true
  /** Newer trades have been put: the numbers of what is fetched no longer grow. */
  #isOvertaken = false
  #fetching: Promise<void> | undefined
  #waiting: { readonly trade: PutTrade; readonly isOwnNumber: boolean }[] = []
  #acknowledged: { readonly key: string; readonly seconds: number }[] = []
  #newestAcknowledged: number | undefined

  constructor(options: TimedFeedOptions) {
    const { place } = options
    this.#options = options
    this.#before = new Set(place?.keys)
    if (place === undefined) return
    this.#since = Number(place.timestamp)
    this.#acknowledged = place.keys.map((key) => ({ key, seconds: Number(place.timestamp) }))
  }

  /** A connection is made: what comes on it waits for what was before, and is no sign that it has come. */
  connecting(): void {
    this.#attempts++
    const from = this.#newest === undefined ? this.#connectedAt : this.#newest - OVERLAP_S.connection
    if (from !== undefined) this.#since = Math.min(this.#since ?? Infinity, from)
    if (this.#since === undefined || this.#fetching !== undefined) return
    this.#isReleased = false
    this.#isOvertaken = false
    this.#hold()
  }

  /** A connection has been subscribed: what was missed before it is fetched. */
  connected(): void {
    this.#connectedAt ??= this.#options.clock.now() / 1000
    this.#connections++
    if (this.#since === undefined || this.#fetching !== undefined) return
    this.#hold()
    this.#fetching = this.#fetchMissed().finally(() => {
      this.#release()
      this.#fetching = undefined
    })
  }

  #hold(): void {
    const { clock, limits } = this.#options
    this.#heldUntil = clock.now() + limits.heldMs
  }

  take(event: TimedEvent): void {
    if (this.#isHolding()) return void this.#held.push(event)
    this.#isOvertaken = true
    this.#apply(event)
  }

  acknowledge(count: number): void {
    for (const { trade, isOwnNumber } of this.#waiting.splice(0, count)) {
      const seconds = Number(trade.timestamp)
      this.#newestAcknowledged = Math.max(this.#newestAcknowledged ?? 0, seconds)
      if (isOwnNumber) this.#acknowledged.push({ key: trade.key, seconds })
    }
  }

  place(): TimedPlace | undefined {
    const newest = this.#newestAcknowledged
    const from = this.#since ?? (newest === undefined ? undefined : newest - OVERLAP_S.run)
    if (from === undefined) return undefined
    this.#acknowledged = this.#acknowledged.filter(({ seconds }) => seconds >= from)
    return { timestamp: String(from), keys: this.#acknowledged.map(({ key }) => key) }
  }

  /** Resolves when nothing is fetched any more; what was held back is put. */
  async settled(): Promise<void> {
    await this.#fetching
    this.#release()
  }

  #isHolding(): boolean {
    if (this.#isReleased) return false
    const { clock, limits } = this.#options
    if (this.#held.length < limits.heldTrades && clock.now() < this.#heldUntil) return true
    this.#release()
    return false
  }

  #release(): void {
    this.#isReleased = true
    if (this.#held.length > 0) this.#isOvertaken = true
    for (const event of this.#held.splice(0)) this.#apply(event)
  }

  #apply(event: TimedEvent): void {
    if (event.type === 'timed-trade') {
      this.#newest = Math.max(this.#newest ?? 0, Number(event.trade.timestamp))
      if (!this.#putNew(event.trade, event.trade.number)) this.counts.duplicates++
    } else if (event.type === 'cancel') this.#cancel(event.trade)
    else {
      const was = this.#cancel(event.was)
      const now = was === undefined ? event.now : { ...event.now, timestamp: was.timestamp }
      this.#putNew(now, now.number)
    }
  }

  /** False when it was put before, by this run or another. */
  #putNew(trade: TimedTrade, number: LineNumber | undefined): boolean {
    if (this.#recent.get(trade.key) !== undefined || this.#before.has(trade.key)) return false
    const put = { ...trade, number: number ?? this.#options.nextNumber() }
    this.#recent.add(put, this.#options.clock.now())
    this.counts.trades++
    this.#waiting.push({ trade: put, isOwnNumber: put.number !== trade.number })
    this.#options.put(put, 'trade')
    return true
  }

  /** Puts a cancel of a trade as it was put; the trade. */
  #cancel(trade: TimedTrade): PutTrade | undefined {
    const was = this.#recent.get(trade.key) ?? (trade.number && { ...trade, number: trade.number })
    if (was === undefined) {
      this.#options.report(
        `${trade.symbol}: a cancel of the trade ${trade.key} at ${trade.price}, which is no longer remembered: its bar keeps it`,
      )
      return undefined
    }
    if (was.isCancelled === true) return was
    const cancelled = { ...was, isCancelled: true }
    this.#recent.add(cancelled, this.#options.clock.now())
    this.counts.cancelled++
    this.#waiting.push({ trade: was, isOwnNumber: false })
    this.#options.put(was, 'cancel')
    return was
  }

  /** Fetches at once, and again when the venue's database has had time to follow its stream. */
  async #fetchMissed(): Promise<void> {
    const { symbol, clock, signal, limits, report } = this.#options
    for (let since = this.#since; since !== undefined && !signal.aborted; since = this.#since) {
      const before = this.counts.filled
      const [attempts, connections] = [this.#attempts, this.#connections]
      await this.#fetch(String(since))
      this.#release()
      this.#isOvertaken = true
      await clock.sleep(
        limits.againMs.reduce((sum, ms) => sum + ms, 0),
        signal,
      )
      if (signal.aborted) return
      await this.#fetch(String(since))
      if (signal.aborted) return
      const filled = this.counts.filled - before
      if (filled > 0) report(`${symbol}: ${filled} trades were missed and have been fetched`)
      // A connection since then has missed more; one that is still being made fetches that itself.
      if (this.#attempts === attempts) this.#since = undefined
      else if (this.#connections === connections) return
    }
  }

  async #fetch(since: string): Promise<void> {
    const { symbol, clock, signal, limits, report, fillSince } = this.#options
    await fetchPages({
      pages: () => fillSince(since),
      take: (trade) => this.#takeFetched(trade),
      onFirstFailure: (reason) => report(`${symbol}: missed trades cannot be fetched yet: ${reason}`),
      onWaited: () => this.#isHolding(),
      afterFailureMs: limits.afterFailureMs,
      clock,
      signal,
    })
  }

  #takeFetched(trade: TimedTrade): void {
    const seconds = Number(trade.timestamp)
    this.#newest = Math.max(this.#newest ?? 0, seconds)
    if (trade.isCancelled === true) {
      if (this.#recent.get(trade.key) !== undefined) this.#cancel(trade)
      return
    }
    if (this.#putNew(trade, this.#isOvertaken ? undefined : trade.number)) this.counts.filled++
  }
}
