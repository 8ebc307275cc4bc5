import type { SidedTrades } from '../../../functions/domain/other-bars/rule.ts'
import { sidesOf } from '../../../functions/domain/side.ts'
import { tradesOf } from '../../../functions/domain/trade.ts'
import { appliedTrades } from '../../../functions/rebuilder/applied-trades.ts'
import { distinctTrades } from '../../../functions/rebuilder/distinct-trades.ts'
import { type Row, rowsOf } from '../../../functions/rebuilder/row.ts'
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
  #held: Row[] = []
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

  /** Takes what has come, in the order of arrival. */
  take(row: Row): void {
    // Outside the span, too: a copy may be within it.
    if (!this.#known.isNew(row) || !isWithin(row, this.#span)) return
    if (momentOf(row) >= this.#released) this.#held.push(row)
    else if (row.of.type[row.at] === 'trade') this.tooLate.trades++
    else this.tooLate.changes++
  }

  /** The trades before a time (Unix milliseconds), none of which is to come any more. */
  release(until: number): SidedTrades | undefined {
    if (until <= this.#released) return undefined
    this.#released = until
    const ready = this.#held.filter((row) => momentOf(row) < until)
    if (ready.length === 0) return undefined
    this.#held = this.#held.filter((row) => momentOf(row) >= until)
    const rows = rowsOf(ready.map(({ of, at }) => ({ of, from: at, to: at + 1 })))
    const { trades } = appliedTrades(distinctTrades(rows))
    return { trades: tradesOf(trades), sides: sidesOf(trades.map(({ side }) => side)) }
  }
}

function isWithin({ of, at }: Row, { from, to }: Span): boolean {
  const seconds = of.seconds[at] ?? 0
  return seconds >= from && seconds < to
}

function momentOf({ of, at }: Row): number {
  return (of.seconds[at] ?? 0) * 1000 + (of.nanos[at] ?? 0) / 1e6
}
