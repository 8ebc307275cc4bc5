import { type Bar, barOf } from '../../functions/domain/bar.ts'
import type { PendingBar } from '../../functions/domain/minute-state.ts'
import { minuteText } from '../../functions/shared/runtime/minute-text.ts'

/** The bars of a symbol, each in its last revision, by its place. */
type OfSymbol = { readonly starts: number[]; readonly bars: (Bar | undefined)[] }

/** Bars by symbol and minute, as the database keeps them: a later revision replaces the one before. */
export class BarTable {
  readonly #symbols = new Map<string, OfSymbol>()
  #bars = 0
  #trades = 0

  /** Bars that were not withdrawn, and the trades in them. */
  get counts(): { readonly bars: number; readonly trades: number } {
    return { bars: this.#bars, trades: this.#trades }
  }

  /** Takes bars of a symbol in the order in which they are emitted. */
  take(symbol: string, pending: readonly PendingBar[]): readonly Bar[] {
    const bars = pending.map(({ builder, closedAt }) => barOf(symbol, builder, { closedAt }))
    for (const bar of bars) this.#put(bar)
    return bars
  }

  #put(bar: Bar): void {
    let of = this.#symbols.get(bar.symbol)
    if (of === undefined) this.#symbols.set(bar.symbol, (of = { starts: [], bars: [] }))
    let place = of.starts.length
    // Nearly each is the newest.
    while (place > 0 && (of.starts[place - 1] ?? 0) > bar.start) place--
    const isKnown = place > 0 && of.starts[place - 1] === bar.start
    const before = isKnown ? of.bars[place - 1] : undefined
    this.#count(before, -1)
    this.#count(bar, 1)
    if (isKnown) of.bars[place - 1] = bar
    else {
      of.starts.splice(place, 0, bar.start)
      of.bars.splice(place, 0, bar)
    }
  }

  #count(bar: Bar | undefined, sign: number): void {
    if (bar === undefined || bar.withdrawn) return
    this.#bars += sign
    this.#trades += sign * bar.tradeCount
  }

  /** The cells of its CSV file, as `BARS` has them. */
  *rows(): Generator<readonly (string | null)[], void, undefined> {
    for (const symbol of inCodePoints([...this.#symbols.keys()]))
      for (const bar of this.#symbols.get(symbol)?.bars ?? []) {
        if (bar === undefined || bar.withdrawn) continue
        const { open, high, low, close, volume, vwap, tradeCount, revision } = bar
        yield [
          symbol,
          minuteText(bar.start),
          open,
          high,
          low,
          close,
          volume,
          vwap,
          `${tradeCount}`,
          `${revision}`,
        ]
      }
  }
}

/** Texts in the order of the database. */
export function inCodePoints(texts: readonly string[]): readonly string[] {
  return texts
    .map((text) => [text, Buffer.from(text)] as const)
    .toSorted(([, one], [, other]) => Buffer.compare(one, other))
    .map(([text]) => text)
}
