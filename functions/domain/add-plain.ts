import type { BarBuilder } from './bar-builder.ts'
import { POWERS } from './decimal.ts'
import { setOpenClose } from './open-close.ts'
import { type Trades, UPDATES } from './trade.ts'

/** A sum or summand beyond this is carried, so that the sum of two is exact in a double. */
export const LIMIT = 2 ** 52

/**
 * The tight loop, for trades in order of time that update all. It takes sums as they come and looks afterwards whether
 * each step was exact: volumes are not negative, so that no sum on the way was larger than the last, and no product larger
 * than the farthest price times all of the volume. False, and the bar as it was, where that cannot be told.
 */
export function addInOrder(bar: BarBuilder, trades: Trades, from: number, to: number): boolean {
  if (!trades.isOrdered || trades.hasUpdates) return false
  const { seconds, nanos, price, volume } = trades.columns
  const first = price[from] ?? 0
  let high = first
  let low = first
  let sum = 0
  let notional = 0
  for (let index = from; index < to; index++) {
    const units = price[index] ?? 0
    const size = volume[index] ?? 0
    if (units > high) high = units
    else if (units < low) low = units
    sum += size
    notional += units * size
  }
  const priceFactor = POWERS[bar.priceScale - trades.priceScale] ?? Number.NaN
  const volumeFactor = POWERS[bar.volumeScale - trades.volumeScale] ?? Number.NaN
  const farthest = Math.max(high, -low) * priceFactor
  const size = sum * volumeFactor
  if (!(size >= 0 && size <= LIMIT && farthest <= LIMIT && farthest * size <= LIMIT)) return false
  high *= priceFactor
  low *= priceFactor
  // NaN, before there is one.
  if (!(high <= bar.high)) bar.high = high
  if (!(low >= bar.low)) bar.low = low
  bar.count += to - from
  bar.volume += size
  bar.notional += notional * priceFactor * volumeFactor
  carry(bar)
  setOpenClose(bar, first * priceFactor, seconds[from] ?? 0, nanos[from] ?? 0)
  const last = to - 1
  if (last > from) setOpenClose(bar, (price[last] ?? 0) * priceFactor, seconds[last] ?? 0, nanos[last] ?? 0)
  return true
}

/** Moves sums that the next could not be added to exactly. */
function carry(bar: BarBuilder): void {
  if (bar.volume > LIMIT) {
    bar.volumeCarry += BigInt(bar.volume)
    bar.volume = 0
  }
  if (bar.notional > LIMIT || bar.notional < -LIMIT) {
    bar.notionalCarry += BigInt(bar.notional)
    bar.notional = 0
  }
}

/** Any trades that doubles hold, one by one; gives the first place that it cannot take. */
export function addPlain(bar: BarBuilder, trades: Trades, from: number, to: number): number {
  const { seconds, nanos, price, volume, updates } = trades.columns
  const priceFactor = POWERS[bar.priceScale - trades.priceScale] ?? Number.NaN
  const volumeFactor = POWERS[bar.volumeScale - trades.volumeScale] ?? Number.NaN
  const { hasUpdates } = trades
  for (let index = from; index < to; index++) {
    const units = (price[index] ?? 0) * priceFactor
    const size = (volume[index] ?? 0) * volumeFactor
    // A product of whole numbers that rounds to less is itself less.
    if (!(units <= LIMIT && units >= -LIMIT && size <= LIMIT)) return index
    const changes = hasUpdates ? (updates[index] ?? UPDATES.all) : UPDATES.all
    if ((changes & UPDATES.highLow) !== 0) {
      if (!(units <= bar.high)) bar.high = units
      if (!(units >= bar.low)) bar.low = units
    }
    if ((changes & UPDATES.volume) !== 0) {
      bar.count++
      bar.volume += size
      const product = units * size
      if (product <= LIMIT && product >= -LIMIT) bar.notional += product
      else bar.notionalCarry += BigInt(units) * BigInt(size)
      carry(bar)
    } else if (changes !== 0) bar.priceOnly = true
    if ((changes & UPDATES.openClose) !== 0) setOpenClose(bar, units, seconds[index] ?? 0, nanos[index] ?? 0)
  }
  return to
}
