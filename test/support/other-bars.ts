import type { OtherBar } from '../../functions/domain/other-bars/other-bar.ts'
import { OtherBarFold } from '../../functions/domain/other-bars/other-bar-fold.ts'
import { type BarKind, parseBarKind } from '../../functions/domain/other-bars/kind.ts'
import { type Trade, tradesOf } from '../../functions/domain/trade.ts'

/** A trade and who took the liquidity: 1, −1 or 0. */
export type SidedTrade = Trade & { readonly side?: number }

/** The kind of a name that is one. */
export function kindOf(name: string): BarKind {
  const kind = parseBarKind(name)
  if ('fault' in kind) throw new Error(kind.fault)
  return kind
}

/** Bars of a kind of trades that come in pieces: places at which they are divided. */
export function otherBars(
  name: string,
  trades: readonly SidedTrade[],
  { cuts = [] }: { readonly cuts?: readonly number[] } = {},
): readonly OtherBar[] {
  const fold = new OtherBarFold(kindOf(name))
  const places = [0, ...cuts.toSorted((one, other) => one - other), trades.length]
  const bars: OtherBar[] = []
  for (const [index, from] of places.entries()) {
    const piece = trades.slice(from, places[index + 1] ?? from)
    const sides = piece.some(({ side }) => side !== undefined)
      ? Int8Array.from(piece, ({ side = 0 }) => side)
      : undefined
    bars.push(...fold.take({ trades: tradesOf(piece), sides }))
  }
  return [...bars, ...fold.end()]
}
