import { LIMIT } from './add-plain.ts'
import type { BarBuilder, ExactPrices } from './bar-builder.ts'
import { bigPower, MAX_DECIMALS, POWERS } from './decimal.ts'
import { closesAfter, opensBefore, secondIn, setCloseTime, setOpenTime } from './open-close.ts'
import { type Trades, UPDATES } from './trade.ts'

/** Folds one trade of any size. */
export function addExact(bar: BarBuilder, trades: Trades, index: number): void {
  const { columns, wide, from } = trades
  const exact = exactPrices(bar)
  const given = wide?.[index - from]
  const price =
    (given?.price ?? BigInt(columns.price[index] ?? 0)) * bigPower(MAX_DECIMALS - trades.priceScale)
  const size =
    (given?.volume ?? BigInt(columns.volume[index] ?? 0)) * bigPower(MAX_DECIMALS - trades.volumeScale)
  const changes = columns.updates[index] ?? UPDATES.all
  const second = secondIn(bar, columns.seconds[index] ?? 0)
  const nanos = columns.nanos[index] ?? 0
  if ((changes & UPDATES.highLow) !== 0) {
    if (exact.high === undefined || price > exact.high) exact.high = price
    if (exact.low === undefined || price < exact.low) exact.low = price
  }
  if ((changes & UPDATES.volume) !== 0) {
    bar.count++
    bar.volumeCarry += size
    bar.notionalCarry += price * size
  } else if (changes !== 0) bar.priceOnly = true
  if ((changes & UPDATES.openClose) === 0) return
  if (exact.open === undefined || opensBefore(bar, second, nanos)) {
    exact.open = price
    setOpenTime(bar, second, nanos)
  }
  if (exact.close === undefined || !closesAfter(bar, second, nanos)) {
    exact.close = price
    setCloseTime(bar, second, nanos)
  }
}

/** The bar's prices as bigints, from now on. */
function exactPrices(bar: BarBuilder): ExactPrices {
  if (bar.exact !== undefined) return bar.exact
  const raise = (units: number): bigint | undefined =>
    Number.isNaN(units) ? undefined : BigInt(units) * bigPower(MAX_DECIMALS - bar.priceScale)
  bar.exact = {
    open: raise(bar.open),
    high: raise(bar.high),
    low: raise(bar.low),
    close: raise(bar.close),
  }
  bar.open = Number.NaN
  bar.high = Number.NaN
  bar.low = Number.NaN
  bar.close = Number.NaN
  raiseSums(bar, { priceScale: MAX_DECIMALS, volumeScale: MAX_DECIMALS })
  return bar.exact
}

type Scales = { readonly priceScale: number; readonly volumeScale: number }

/** Gives a bar at least the decimals of some trades. */
export function rescale(bar: BarBuilder, trades: Scales): void {
  if (bar.count === 0 && Number.isNaN(bar.high) && bar.exact === undefined) {
    bar.priceScale = trades.priceScale
    bar.volumeScale = trades.volumeScale
    return
  }
  const priceScale = Math.max(bar.priceScale, trades.priceScale)
  const volumeScale = Math.max(bar.volumeScale, trades.volumeScale)
  if (bar.exact === undefined) {
    const factor = POWERS[priceScale - bar.priceScale] ?? Number.NaN
    // No trade has set a price: NaN stays NaN, and compares as within.
    if (Math.abs(bar.high) * factor > LIMIT || Math.abs(bar.low) * factor > LIMIT) {
      exactPrices(bar)
      return
    }
    bar.open *= factor
    bar.high *= factor
    bar.low *= factor
    bar.close *= factor
  }
  raiseSums(bar, { priceScale, volumeScale })
}

function raiseSums(bar: BarBuilder, { priceScale, volumeScale }: Scales): void {
  const volumeFactor = bigPower(volumeScale - bar.volumeScale)
  const notionalFactor = bigPower(priceScale - bar.priceScale + (volumeScale - bar.volumeScale))
  bar.priceScale = priceScale
  bar.volumeScale = volumeScale
  setSum(bar, 'volume', (bar.volumeCarry + BigInt(bar.volume)) * volumeFactor)
  setSum(bar, 'notional', (bar.notionalCarry + BigInt(bar.notional)) * notionalFactor)
}

function setSum(bar: BarBuilder, name: 'volume' | 'notional', sum: bigint): void {
  const isSmall = sum <= BigInt(LIMIT) && sum >= -BigInt(LIMIT)
  bar[name] = isSmall ? Number(sum) : 0
  bar[`${name}Carry`] = isSmall ? 0n : sum
}
