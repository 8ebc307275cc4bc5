import type { SidedTrades } from '../../../functions/domain/other-bars/rule.ts'
import { sidesOf } from '../../../functions/domain/side.ts'
import { tradesOf } from '../../../functions/domain/trade.ts'
import { appliedTrades } from '../../../functions/rebuilder/applied-trades.ts'
import type { Place } from '../../../functions/rebuilder/arrival-order.ts'
import { distinctTrades } from '../../../functions/rebuilder/distinct-trades.ts'
import { rowsAt } from '../../../functions/rebuilder/row.ts'
import { KnownTrades } from './known-trades.ts'

/** Unix seconds; `to` is not in it. */
type Span = { readonly from: number; readonly to: number }

/** What came when its time had been released. */
export type TooLate = { trades: number; changes: number }

/**
 * Trades of a symbol that wait until no earlier one is to come. They are given in the order of their time, each once, without those
 * that were cancelled meanwhile and as they were corrected: as the archive has them.
 */
export class HeldTrades {
  readonly #known = new KnownTrades()
  #held: Place[] = []
  readonly #span: Span
  #released: number
  readonly tooLate: TooLate = { trades: 0, changes: 0 }

  /**
   * @param span of which trades are wanted
   * @param released Unix milliseconds before which they have been given already
   */
  constructor(span: Span, released: number) {
    this.#span = span
    this.#released = released
  }

  /** How many trades, cancels and corrections of the span wait. */
  get count(): number {
    return this.#held.filter((row) => this.#isWithin(this.#known.momentOf(row))).length
  }

  /** Takes what has come, in the order of arrival. Outside the span, too: what is said of a trade may have another time. */
  take(row: Place): void {
    if (!this.#known.isFirst(row)) return
    const moment = this.#known.momentOf(row)
    if (moment >= this.#released) this.#held.push(row)
    else if (!this.#isWithin(moment)) return
    else if (isTrade(row)) this.tooLate.trades++
    else this.tooLate.changes++
  }

  /** The trades before a time (Unix milliseconds), none of which is to come any more. */
  release(until: number): SidedTrades | undefined {
    if (until <= this.#released) return undefined
    this.#released = until
    // A change goes with its trade, whatever time it says itself.
    const { ready = [], held = [] } = Object.groupBy(this.#held, (row) =>
      this.#known.momentOf(row) < until ? 'ready' : 'held',
    )
    if (ready.length === 0) return undefined
    this.#held = held
    for (const row of ready) if (!isTrade(row)) this.#known.noteChanged(row)
    const applied = appliedTrades(distinctTrades(rowsAt(ready))).trades
    const { from, to } = this.#span
    const trades = applied.filter(({ seconds }) => seconds >= from && seconds < to)
    return { trades: tradesOf(trades), sides: sidesOf(trades.map(({ side }) => side)) }
  }

  #isWithin(moment: number): boolean {
    return moment >= this.#span.from * 1000 && moment < this.#span.to * 1000
  }
}

function isTrade({ of, at }: Place): boolean {
  return of.type[at] === 'trade'
}
