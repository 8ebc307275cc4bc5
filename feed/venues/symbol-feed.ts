import type { Clock } from '../clock.ts'
import { fetchPages } from './fetch-pages.ts'
import { HeldTrades } from './held-trades.ts'
import { InFlight } from './in-flight.ts'
import { type NoticedGap, type Place, SymbolLine } from './symbol-line.ts'
import type { MissingTrades, VenueTrade } from './venue.ts'

export type SymbolFeedOptions = {
  readonly symbol: string
  /** Where an earlier run ended. */
  readonly place: Place | undefined
  readonly put: (trade: VenueTrade) => void
  readonly fill: (missing: MissingTrades) => AsyncGenerator<readonly VenueTrade[]>
  readonly report: (text: string) => void
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly limits: FillLimits
}

export type FillLimits = {
  /** Milliseconds that missing trades may still come by themselves, out of order. */
  readonly graceMs: number
  /**
   * Milliseconds before each further request for what the last answer did not have; then it is given up. They count from the time at
   * which it was noticed: of many gaps at once, each is asked for until that, and none waits for the others.
   */
  readonly againMs: readonly number[]
  /** Milliseconds after a request that failed, before the next; doubled after each further one, up to a minute. */
  readonly afterFailureMs: number
  /** Trades that are held back, so that missing ones go first, and how long for each request's span of ids, in milliseconds. */
  readonly heldTrades: number
  readonly heldMs: number
}

export const FILL_LIMITS: FillLimits = {
  graceMs: 200,
  // A venue's database may be seconds behind its own stream.
  againMs: [1000, 5000, 15_000],
  afterFailureMs: 2000,
  heldTrades: 50_000,
  heldMs: 30_000,
}

/** Ids that one request may ask for: a page of every venue. */
const SPAN_IDS = 1000

/** What a feed counts. */
export type FeedCounts = {
  trades: number
  duplicates: number
  /** Fetched over REST after they had not come. */
  filled: number
  /** Known to exist, and no longer to be had. */
  missing: number
  /** Taken back by the venue. */
  cancelled: number
}

/**
 * The trades of one symbol: each once, in order as far as can be. Missing ones are fetched, and newer ones are held back
 * meanwhile; not longer than the limits allow, since the aggregator corrects bars.
 */
export class SymbolFeed {
  readonly counts: FeedCounts = { trades: 0, duplicates: 0, filled: 0, missing: 0, cancelled: 0 }
  readonly #options: SymbolFeedOptions
  readonly #line: SymbolLine
  readonly #inFlight: InFlight
  readonly #held = new HeldTrades()
  #heldUntil = 0
  #filling: Promise<void> | undefined

  constructor(options: SymbolFeedOptions) {
    this.#options = options
    this.#line = new SymbolLine(options.place, () => options.clock.now())
    this.#inFlight = new InFlight(options.place)
  }

  /** Takes a trade from a connection. */
  take(trade: VenueTrade): void {
    const { type, lost } = this.#line.take(trade)
    this.#lose(lost)
    if (type === 'duplicate') {
      this.counts.duplicates++
      return
    }
    this.#fillGaps()
    if (this.#isHolding()) this.#held.add(trade)
    else this.#put(trade)
  }

  /** Takes the venue's word that the symbol's newest trade has that id. */
  newest(id: number): void {
    this.#lose(this.#line.newest(id))
    this.#fillGaps()
  }

  acknowledge(count: number): void {
    this.#inFlight.acknowledge(count)
  }

  place(): Place | undefined {
    return this.#inFlight.place(this.#line.gaps)
  }

  /** Resolves when nothing is fetched any more; what was held back is put. */
  async settled(): Promise<void> {
    await this.#filling
    this.#release()
  }

  #lose(trades: number): void {
    if (trades === 0) return
    this.counts.missing += trades
    this.#options.report(
      `${this.#options.symbol}: ${trades} missing trades are given up; there are too many gaps`,
    )
  }

  #put(trade: VenueTrade): void {
    this.counts.trades++
    this.#inFlight.add(trade)
    this.#options.put(trade)
  }

  #isHolding(): boolean {
    if (this.#filling === undefined) return false
    const { clock, limits } = this.#options
    if (this.#held.count < limits.heldTrades && clock.now() < this.#heldUntil) return true
    this.#release()
    return false
  }

  #release(): void {
    for (const trade of this.#held.takeAll()) this.#put(trade)
  }

  #fillGaps(): void {
    if (this.#filling !== undefined || this.#line.gaps.length === 0) return
    const { clock, limits } = this.#options
    this.#heldUntil = clock.now() + limits.heldMs
    this.#filling = this.#fillAll().finally(() => {
      this.#filling = undefined
      this.#release()
    })
  }

  async #fillAll(): Promise<void> {
    const { clock, signal, limits } = this.#options
    await clock.sleep(limits.graceMs, signal)
    for (
      let span = spanOf(this.#line.gaps);
      span !== undefined && !signal.aborted;
      span = spanOf(this.#line.gaps)
    ) {
      // Gaps may follow each other without end: what is held back waits for the next one, not for the first.
      this.#heldUntil = clock.now() + limits.heldMs
      for (const earlier of this.#held.takeBelow(span.first)) this.#put(earlier)
      await this.#fill(span)
    }
  }

  /** Fetches what is missing in a span; what the venue does not give, however often it is asked, is given up. */
  async #fill(gap: NoticedGap): Promise<void> {
    const { symbol, clock, signal, report } = this.#options
    const before = this.counts.filled
    for (;;) {
      const askedAt = clock.now()
      await this.#fetch(gap)
      if (signal.aborted) return
      if (!this.#line.gaps.some(({ first, last }) => first <= gap.last && last >= gap.first)) break
      const again = this.#askAgainAt(gap, askedAt)
      if (again === undefined) {
        const given = this.#line.giveUp(gap)
        this.counts.missing += given
        report(
          `${symbol}: ${given} trades are missing, which the venue no longer gives; their bars say complete: false`,
        )
        break
      }
      await clock.sleep(Math.max(0, again - clock.now()), signal)
      if (signal.aborted) return
    }
    const filled = this.counts.filled - before
    if (filled > 0) report(`${symbol}: ${filled} trades were missing and have been fetched`)
  }

  /** When to ask for a gap again that was asked for at a time, Unix milliseconds; undefined when that was the last time. */
  #askAgainAt({ noticedAt }: NoticedGap, askedAt: number): number | undefined {
    const { graceMs, againMs } = this.#options.limits
    let at = noticedAt + graceMs
    for (const waitMs of againMs) {
      at += waitMs
      if (at > askedAt) return at
    }
    return undefined
  }

  async #fetch(gap: MissingTrades): Promise<void> {
    const { symbol, clock, signal, limits, report, fill } = this.#options
    await fetchPages({
      pages: () => fill(gap),
      take: (trade) => this.#takeFilled(trade, gap),
      onFirstFailure: (reason) => report(`${symbol}: missing trades cannot be fetched yet: ${reason}`),
      onWaited: () => this.#isHolding(),
      afterFailureMs: limits.afterFailureMs,
      clock,
      signal,
    })
  }

  #takeFilled(trade: VenueTrade, { first, last }: MissingTrades): void {
    if (trade.id < first || trade.id > last || this.#line.take(trade).type !== 'filled') return
    this.counts.filled++
    for (const earlier of this.#held.takeBelow(trade.id)) this.#put(earlier)
    this.#put(trade)
  }
}

/** The oldest gap, with those behind it that the same page has: where single trades are lost, there are hundreds. */
function spanOf(gaps: readonly NoticedGap[]): NoticedGap | undefined {
  const [oldest] = gaps
  if (oldest === undefined) return undefined
  const { last, noticedAt } = gaps.findLast((gap) => gap.last - oldest.first < SPAN_IDS) ?? oldest
  return { ...oldest, last, noticedAt }
}
