import { type BarBuilder, addTrades } from './bar-builder.ts'
import { priceText } from './bar-values.ts'
import { formatDecimal } from './decimal.ts'
import { type Trade, tradesOf, UPDATES } from './trade.ts'

/**
 * Takes a trade out of a bar that holds it. Volume, notional and trade count are exact afterwards. Where it made the
 * open, high, low or close, these stay, and the bar is marked as damaged: which trade is next, only the archive knows. So it
 * is when the trade's price and volume are not known. A bar that has lost its last trade is emptied.
 */
export function removeTrade(bar: BarBuilder, trade: Trade): void {
  const { updates = UPDATES.all } = trade
  if (Number.isNaN(trade.price.units)) {
    bar.damaged = true
    return
  }
  if ((updates & UPDATES.volume) !== 0) {
    const { count } = bar
    // A price below zero takes the notional away again, and a volume below zero the volume.
    const volume = { ...trade.volume, units: -trade.volume.units }
    const opposite = tradesOf([{ ...trade, volume, updates: UPDATES.volume }])
    addTrades(bar, opposite, { from: 0, to: 1 })
    bar.count = Math.max(0, count - 1)
    if (bar.count === 0 && !bar.priceOnly) {
      bar.emptied = true
      return
    }
  }
  const price = formatDecimal(trade.price.units, trade.price.scale)
  const isOf = (name: 'open' | 'high' | 'low' | 'close'): boolean => price === priceText(bar, name)
  const second = trade.seconds - bar.start
  const isFirst = second === bar.openSecond && trade.nanos === bar.openNanos && isOf('open')
  const isLast = second === bar.closeSecond && trade.nanos === bar.closeNanos && isOf('close')
  const madeRange = (updates & UPDATES.highLow) !== 0 && (isOf('high') || isOf('low'))
  if (madeRange || ((updates & UPDATES.openClose) !== 0 && (isFirst || isLast))) bar.damaged = true
}
