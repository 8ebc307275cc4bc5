import { bigPower, divideHalfUp, formatDecimal, MAX_DECIMALS } from '../../../functions/domain/decimal.ts'
import { minuteOf } from '../../../functions/domain/bar-builder.ts'
import { isEarlier, type Trade, UPDATES } from '../../../functions/domain/trade.ts'

/** What a bar of these trades is by its definition; written for clarity alone, in big integers, as the oracle. */
export type PlainBar = {
  readonly start: number
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  readonly notional: string
  readonly vwap: string | null
  readonly tradeCount: number
}

/** Folds trades, given in order of arrival, into bars by minute; a minute that no trade gives a price has none. */
export function plainFold(trades: readonly Trade[]): Map<number, PlainBar> {
  const minutes = Map.groupBy(trades, ({ seconds }) => minuteOf(seconds))
  return new Map(
    [...minutes]
      .filter(([, ofMinute]) => ofMinute.some((trade) => maySet(trade, 'openClose')))
      .map(([start, ofMinute]) => [start, plainBar(start, ofMinute)]),
  )
}

function maySet({ updates = UPDATES.all }: Trade, what: keyof typeof UPDATES): boolean {
  return (updates & UPDATES[what]) !== 0
}

function plainBar(start: number, trades: readonly Trade[]): PlainBar {
  const inTime = trades.toSorted((a, b) => (isEarlier(a, b) ? -1 : isEarlier(b, a) ? 1 : 0))
  const last = inTime.filter((trade) => maySet(trade, 'openClose')).map(({ price }) => unitsOf(price))
  const range = inTime.filter((trade) => maySet(trade, 'highLow')).map(({ price }) => unitsOf(price))
  const counted = inTime.filter((trade) => maySet(trade, 'volume'))
  const volume = counted.reduce((sum, trade) => sum + unitsOf(trade.volume), 0n)
  const notional = counted.reduce((sum, trade) => sum + unitsOf(trade.price) * unitsOf(trade.volume), 0n)
  const byValue = range.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const text = (units: bigint | undefined): string => formatDecimal(units ?? 0n, MAX_DECIMALS)
  return {
    start,
    open: text(last[0]),
    high: text(byValue.at(-1)),
    low: text(byValue[0]),
    close: text(last.at(-1)),
    volume: text(volume),
    notional: formatDecimal(notional, 2 * MAX_DECIMALS),
    vwap: volume === 0n ? null : formatDecimal(divideHalfUp(notional, volume * bigPower(10)), 8),
    tradeCount: counted.length,
  }
}

/** In units of 10⁻¹⁸. */
function unitsOf({ units, scale }: Trade['price']): bigint {
  return BigInt(units) * bigPower(MAX_DECIMALS - scale)
}
