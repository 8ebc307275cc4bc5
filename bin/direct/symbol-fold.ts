import { GrowingLine } from '../../feed/files/growing-ids.ts'
import type { FeedTick, TickLine } from '../../feed/tick.ts'
import { TradeBuffer } from '../../functions/aggregator/trade-buffer.ts'
import type { Rules, SymbolEvent } from '../../functions/domain/event.ts'
import { evolve } from '../../functions/domain/evolve.ts'
import { INITIAL_STATE, type MinuteState, type PendingBar } from '../../functions/domain/minute-state.ts'
import { NO_ID, type Trades } from '../../functions/domain/trade.ts'
import { takeTick } from './take-tick.ts'
import type { TradeFold } from './trade-fold.ts'

/** What a fold of a symbol's trades gives away. */
export type FoldOptions = {
  readonly rules: Rules
  /** Unix milliseconds at which all trades count as arrived. */
  readonly now: number
  readonly onBars: (symbol: string, bars: readonly PendingBar[]) => void
  /** Trades that are not applied; none where they are in the order of their time. */
  readonly onRefused: (trades: number) => void
  /** A trade whose id does not grow with the time, and which is applied without it. */
  readonly onUnnumbered: () => void
}

/** Trades that are given to the fold together. */
const MOST_TOGETHER = 2048
const FIRST_TOGETHER = 16
const SHARD = 'direct'
/** The line of ids whose source names none. */
const OWN_LINE: TickLine = { name: '', isContiguous: false }

/** Folds the trades of a symbol, given in the order of their time, with the functions of the aggregator. */
export class SymbolFold implements TradeFold {
  readonly symbol: string
  readonly #options: FoldOptions
  readonly #lines = new Map<string, GrowingLine>()
  #state: MinuteState = INITIAL_STATE
  readonly #buffer = new TradeBuffer(FIRST_TOGETHER)
  #held = 0
  #line: TickLine | undefined
  #ids: GrowingLine | undefined
  #runs = 0

  constructor(symbol: string, options: FoldOptions) {
    this.symbol = symbol
    this.#options = options
    this.#buffer.begin()
  }

  add(
    seconds: number,
    nanos: number,
    price: number,
    priceScale: number,
    volume: number,
    volumeScale: number,
    id: number,
    line: TickLine | undefined,
  ): void {
    const own = id !== NO_ID && this.takesId(id, seconds, line) ? id : NO_ID
    if (!this.#buffer.add(seconds, nanos, price, priceScale, volume, volumeScale, own)) {
      // It shares no units with those before it.
      this.#foldHeld()
      if (!this.#buffer.add(seconds, nanos, price, priceScale, volume, volumeScale, own))
        throw new Error(`a trade of ${this.symbol} at ${seconds} has more digits than a double holds`)
    }
    if (++this.#held >= MOST_TOGETHER) this.#foldHeld()
  }

  tick(tick: FeedTick, time: { readonly seconds: number; readonly nanos: number }): void {
    takeTick(this, tick, time)
  }

  /** Trades of any kind, whose ids grow. */
  addTrades(trades: Trades, line: TickLine | undefined): void {
    if (trades.hasIds) this.#setLine(line ?? OWN_LINE)
    this.#foldHeld()
    this.#fold(trades)
  }

  /** Whether an id grows with the time, as far as the aggregator remembers; it counts as seen. */
  takesId(id: number, seconds: number, line: TickLine | undefined): boolean {
    this.#setLine(line ?? OWN_LINE)
    const isTaken = this.#ids?.takes(id, seconds) === true
    if (!isTaken) this.#options.onUnnumbered()
    return isTaken
  }

  end(): void {
    this.#foldHeld()
    this.#apply({ type: 'flush', now: this.#options.now })
  }

  /** Ids of a run count on one line. */
  #setLine(line: TickLine): void {
    if (line === this.#line) return
    if (line.name !== this.#line?.name || line.isContiguous !== this.#line.isContiguous) this.#foldHeld()
    this.#line = line
    let ids = this.#lines.get(line.name)
    if (ids === undefined) this.#lines.set(line.name, (ids = new GrowingLine()))
    this.#ids = ids
  }

  #foldHeld(): void {
    if (this.#held === 0) return
    this.#held = 0
    this.#fold(this.#buffer.end())
    // A fold keeps bars, and none of the trades.
    this.#buffer.reuse()
  }

  #fold(trades: Trades): void {
    const { now } = this.#options
    const run = {
      shard: SHARD,
      sequenceNumber: String(++this.#runs),
      arrivedAt: now,
      producer: undefined,
      line: trades.hasIds ? this.#line : undefined,
      type: 'trade',
      trades,
    } as const
    this.#apply({ type: 'trades', now, runs: [run] })
  }

  #apply(event: SymbolEvent): void {
    const { rules, onBars, onRefused } = this.#options
    for (let left: SymbolEvent | undefined = event; left !== undefined;) {
      const { state, outcome, rest } = evolve(this.#state, left, rules)
      this.#state = state
      left = rest
      const { refused, duplicates, uncertain } = outcome
      if (refused.length > 0) onRefused(refused.length)
      if (duplicates + uncertain > 0)
        throw new Error(`${duplicates + uncertain} trades of ${this.symbol} were taken for duplicates`)
      const { outbox } = state
      if (outbox.length === 0) continue
      onBars(this.symbol, outbox)
      this.#state = evolve(state, { type: 'emitted', count: outbox.length }, rules).state
    }
  }
}
