import { formatDecimal } from '../../functions/domain/decimal.ts'
import { TickRule } from '../../functions/domain/other-bars/sides.ts'
import { tradesOf } from '../../functions/domain/trade.ts'
import type { SidedTrade } from './other-bars.ts'
import { recordedTicks } from './recorded-bars.ts'

/** The kinds that nautilus_trader makes too, by the names of both: its bricks are counted in steps of the price, here 0.1. */
export const NAUTILUS_KINDS = [
  { name: 'tick:500', theirs: 'tick:500' },
  { name: 'volume:1000', theirs: 'volume:1000' },
  { name: 'imbalance:tick:50', theirs: 'imbalance:tick:50' },
  { name: 'imbalance:volume:200', theirs: 'imbalance:volume:200' },
  { name: 'renko:0.8', theirs: 'renko:8' },
] as const

/** A day of gold, the busiest contract: whole contracts, none without volume, sides by the tick rule, as it has none. */
export function goldTrades(): readonly SidedTrade[] {
  const trades = [...recordedTicks('comex-gc-20131007').values()]
    .reduce((one, other) => (other.length > one.length ? other : one))
    .filter(({ volume }) => volume.units > 0)
  const sides = new TickRule().sidesOf(tradesOf(trades))
  return trades.map((trade, index) => ({ ...trade, side: sides[index] ?? 0 }))
}

/** The trades as nautilus.py reads them. */
export function nautilusCsv(trades: readonly SidedTrade[]): string {
  return trades
    .map(({ seconds, nanos, price, volume, side = 0 }) =>
      [
        `${seconds}${String(nanos).padStart(9, '0')}`,
        formatDecimal(price.units, price.scale),
        formatDecimal(volume.units, volume.scale),
        side,
      ].join(','),
    )
    .join('\n')
}
