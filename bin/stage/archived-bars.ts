import { type BarKind, needsSides } from '../../functions/domain/other-bars/kind.ts'
import type { OtherBar } from '../../functions/domain/other-bars/other-bar.ts'
import { OtherBarFold } from '../../functions/domain/other-bars/other-bar-fold.ts'
import type { SidedTrades } from '../../functions/domain/other-bars/rule.ts'
import type { SideSource } from '../../functions/domain/other-bars/sides.ts'
import { sidesOf } from '../../functions/domain/side.ts'
import { tradesOf } from '../../functions/domain/trade.ts'
import { appliedTrades } from '../../functions/rebuilder/applied-trades.ts'
import { distinctTrades } from '../../functions/rebuilder/distinct-trades.ts'
import { type HourReaders, readSymbolHours, type SymbolHour } from '../../functions/rebuilder/symbol-hour.ts'

const HOUR = 3600

export type ArchivedBarsOptions = {
  readonly symbols: readonly string[]
  /** Unix seconds; `to` is not in the span. */
  readonly from: number
  readonly to: number
  readonly kind: BarKind
  readonly side: SideSource
  readonly onHour?: (hour: number) => void
  /** Takes the symbols of which no trade has a side, where the kind needs sides and others have them. */
  readonly onSideless?: (symbols: readonly string[]) => void
}

/** Bars of a kind that needs sides are asked for, and no trade has one. */
export class NoSidesError extends Error {
  override readonly name = 'NoSidesError'
}

/** Bars of a symbol, one after the other. */
export type SymbolBars = { readonly symbol: string; readonly bars: readonly OtherBar[] }

/**
 * Folds the trades that the archive has of some symbols and a span, each once, without those that were cancelled and as they
 * were corrected. Bars come hour by hour, and in each by symbol; those that are open come last.
 *
 * @throws ArchiveError naming the object that cannot be read
 * @throws NoSidesError
 * @throws OtherBarsError where a move makes more renko bricks than can be meant
 */
export async function* archivedBars(
  archive: HourReaders,
  { symbols, from, to, kind, side, onHour, onSideless }: ArchivedBarsOptions,
): AsyncGenerator<SymbolBars, void, undefined> {
  const folds = new Map(symbols.map((symbol) => [symbol, new OtherBarFold(kind, { sides: side })]))
  const wanted = new Set(symbols)
  const traded = new Set<string>()
  for (let hour = from - (from % HOUR); hour < to; hour += HOUR) {
    onHour?.(hour)
    const hours = await readSymbolHours(archive, hour, wanted)
    for (const [symbol, fold] of folds) {
      const sided = tradesIn(hours.get(symbol), { from, to })
      if (sided === undefined) continue
      if (sided.trades.to > sided.trades.from) traded.add(symbol)
      yield { symbol, bars: fold.take(sided) }
    }
  }
  const sideless = [...traded].filter((symbol) => folds.get(symbol)?.hasSides === false)
  if (needsSides(kind) && sideless.length > 0) {
    if (sideless.length === traded.size)
      throw new NoSidesError(`no trade of ${symbols.join(', ')} has a side`)
    onSideless?.(sideless)
  }
  for (const [symbol, fold] of folds) yield { symbol, bars: fold.end() }
}

/** What to say while an hour (Unix seconds) is read. */
export function hourText(hour: number): string {
  return `reading the archive: ${new Date(hour * 1000).toISOString().slice(0, 13)}:00`
}

type Span = { readonly from: number; readonly to: number }

/** The trades of an hour that lie in the span, as they are now. */
export function tradesIn(hour: SymbolHour | undefined, { from, to }: Span): SidedTrades | undefined {
  if (hour === undefined) return undefined
  if (hour.type === 'rows') {
    const { trades } = appliedTrades(distinctTrades(hour.rows))
    const within = trades.filter(({ seconds }) => seconds >= from && seconds < to)
    return { trades: tradesOf(within), sides: sidesOf(within.map(({ side }) => side)) }
  }
  const { trades, sides } = hour.plain
  const { seconds } = trades.columns
  let [first, last] = [trades.from, trades.to]
  while (first < last && (seconds[first] ?? 0) < from) first++
  while (last > first && (seconds[last - 1] ?? 0) >= to) last--
  return {
    trades: { ...trades, from: first, to: last },
    sides: sides?.subarray(first - trades.from, last - trades.from),
  }
}
