import { formatUnits, toUnits } from '../../../functions/domain/decimal.ts'
import { minuteOf } from '../../../functions/domain/bar-builder.ts'
import { isEarlier, type Trade } from '../../../functions/domain/trade.ts'

/** What a bar of these ticks is by its definition; written for clarity alone, in big integers, as the oracle. */
export type PlainBar = {
  readonly start: number
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  readonly vwap: string | null
  readonly tradeCount: number
}

/** Folds ticks, given in order of arrival, into bars by minute. */
export function plainFold(ticks: readonly Trade[]): Map<number, PlainBar> {
  const minutes = new Map<number, Trade[]>()
  for (const tick of ticks) {
    const start = minuteOf(tick.seconds)
    minutes.set(start, [...(minutes.get(start) ?? []), tick])
  }
  return new Map([...minutes].map(([start, ofMinute]) => [start, plainBar(start, ofMinute)]))
}

function plainBar(start: number, ticks: readonly Trade[]): PlainBar {
  const inTime = ticks.toSorted((a, b) => (isEarlier(a, b) ? -1 : isEarlier(b, a) ? 1 : 0))
  const prices = inTime.map((tick) => toUnits(tick.priceInteger, tick.priceFraction))
  const volumes = inTime.map((tick) => toUnits(tick.volumeInteger, tick.volumeFraction))
  const volume = volumes.reduce((sum, each) => sum + each, 0n)
  const notional = prices.reduce((sum, price, index) => sum + price * (volumes[index] ?? 0n), 0n)
  const byValue = prices.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return {
    start,
    open: formatUnits(prices[0] ?? 0n),
    high: formatUnits(byValue.at(-1) ?? 0n),
    low: formatUnits(byValue[0] ?? 0n),
    close: formatUnits(prices.at(-1) ?? 0n),
    volume: formatUnits(volume),
    vwap: volume === 0n ? null : formatUnits((notional * 2n + volume) / (volume * 2n)),
    tradeCount: ticks.length,
  }
}
