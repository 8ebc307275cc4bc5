import { formatDecimal, formatUnits, ONE, toUnits } from './decimal.ts'
import type { Trade } from './trade.ts'

export const MINUTE_SECONDS = 60

/**
 * The fold of one minute's trades into a bar, exact and independent of how the trades were batched.
 *
 * Σ(price·volume) is kept by powers of ten: `notional0 + notional8 · 10⁻⁸ + notional16 · 10⁻¹⁶`. Every sum is an
 * exact integer below 2⁵³; a sum that would exceed that moves to the two `wide` sums. So a common trade costs a few
 * machine multiplications and no allocation, and no sum loses a digit.
 */
export type BarBuilder = {
  /** Unix seconds of the minute's start. */
  start: number
  /** The last revision of the bar that was emitted; 0 before the first. */
  revision: number
  count: number
  openSeconds: number
  openNanos: number
  openInteger: number
  openFraction: number
  closeSeconds: number
  closeNanos: number
  closeInteger: number
  closeFraction: number
  highInteger: number
  highFraction: number
  lowInteger: number
  lowFraction: number
  volumeInteger: number
  /** Units of 10⁻⁸; may exceed one. */
  volumeFraction: number
  notional0: number
  notional8: number
  notional16: number
  /** Units of 10⁻⁸. */
  volumeWide: bigint
  /** Units of 10⁻¹⁶. */
  notionalWide: bigint
}

/** The start of the minute that contains a time, both in Unix seconds. */
export function minuteOf(seconds: number): number {
  return seconds - (seconds % MINUTE_SECONDS)
}

/** A bar builder with its first trade. */
export function startBar(trade: Trade): BarBuilder {
  const builder: BarBuilder = {
    start: minuteOf(trade.seconds),
    revision: 0,
    count: 0,
    openSeconds: trade.seconds,
    openNanos: trade.nanos,
    openInteger: trade.priceInteger,
    openFraction: trade.priceFraction,
    closeSeconds: trade.seconds,
    closeNanos: trade.nanos,
    closeInteger: trade.priceInteger,
    closeFraction: trade.priceFraction,
    highInteger: trade.priceInteger,
    highFraction: trade.priceFraction,
    lowInteger: trade.priceInteger,
    lowFraction: trade.priceFraction,
    volumeInteger: 0,
    volumeFraction: 0,
    notional0: 0,
    notional8: 0,
    notional16: 0,
    volumeWide: 0n,
    notionalWide: 0n,
  }
  addTrade(builder, trade)
  return builder
}

/** Folds a trade into a bar builder, in place. Pass trades in the order of their arrival. */
export function addTrade(builder: BarBuilder, trade: Trade): void {
  const { seconds, nanos, priceInteger, priceFraction, volumeInteger, volumeFraction } = trade
  builder.count++
  if (seconds < builder.openSeconds || (seconds === builder.openSeconds && nanos < builder.openNanos)) {
    builder.openSeconds = seconds
    builder.openNanos = nanos
    builder.openInteger = priceInteger
    builder.openFraction = priceFraction
  }
  if (seconds > builder.closeSeconds || (seconds === builder.closeSeconds && nanos >= builder.closeNanos)) {
    builder.closeSeconds = seconds
    builder.closeNanos = nanos
    builder.closeInteger = priceInteger
    builder.closeFraction = priceFraction
  }
  if (
    priceInteger > builder.highInteger ||
    (priceInteger === builder.highInteger && priceFraction > builder.highFraction)
  ) {
    builder.highInteger = priceInteger
    builder.highFraction = priceFraction
  }
  if (
    priceInteger < builder.lowInteger ||
    (priceInteger === builder.lowInteger && priceFraction < builder.lowFraction)
  ) {
    builder.lowInteger = priceInteger
    builder.lowFraction = priceFraction
  }
  const volume0 = builder.volumeInteger + volumeInteger
  const volume8 = builder.volumeFraction + volumeFraction
  const notional0 = builder.notional0 + priceInteger * volumeInteger
  const notional8 = builder.notional8 + priceInteger * volumeFraction + priceFraction * volumeInteger
  const notional16 = builder.notional16 + priceFraction * volumeFraction
  // A sum of non-negative integers that is below 2⁵³ after rounding is exact, and so are its terms.
  if (
    volume0 <= Number.MAX_SAFE_INTEGER &&
    volume8 <= Number.MAX_SAFE_INTEGER &&
    notional0 <= Number.MAX_SAFE_INTEGER &&
    notional8 <= Number.MAX_SAFE_INTEGER &&
    notional16 <= Number.MAX_SAFE_INTEGER
  ) {
    builder.volumeInteger = volume0
    builder.volumeFraction = volume8
    builder.notional0 = notional0
    builder.notional8 = notional8
    builder.notional16 = notional16
  } else addWide(builder, trade)
}

function addWide(builder: BarBuilder, trade: Trade): void {
  const price = toUnits(trade.priceInteger, trade.priceFraction)
  const volume = toUnits(trade.volumeInteger, trade.volumeFraction)
  builder.notionalWide = notionalUnits(builder) + price * volume
  builder.volumeWide = volumeUnits(builder) + volume
  builder.volumeInteger = 0
  builder.volumeFraction = 0
  builder.notional0 = 0
  builder.notional8 = 0
  builder.notional16 = 0
}

function volumeUnits(builder: BarBuilder): bigint {
  return builder.volumeWide + toUnits(builder.volumeInteger, builder.volumeFraction)
}

function notionalUnits(builder: BarBuilder): bigint {
  const one = BigInt(ONE)
  return (
    builder.notionalWide +
    (BigInt(builder.notional0) * one + BigInt(builder.notional8)) * one +
    BigInt(builder.notional16)
  )
}

/** Σ volume as exact decimal text. */
export function volumeText(builder: BarBuilder): string {
  const carry = Math.floor(builder.volumeFraction / ONE)
  const integer = builder.volumeInteger + carry
  if (builder.volumeWide > 0n || integer > Number.MAX_SAFE_INTEGER) return formatUnits(volumeUnits(builder))
  return formatDecimal(integer, builder.volumeFraction - carry * ONE)
}

const MAX_PLAIN_VOLUME = 10_000_000
const MAX_PLAIN_NOTIONAL = 1_000_000_000_000_000

/** True when all volumes are whole numbers, and small enough that each step of the vwap is an integer below 2⁵³. */
function isPlain(builder: BarBuilder): boolean {
  return (
    builder.volumeFraction === 0 &&
    builder.volumeWide === 0n &&
    builder.notionalWide === 0n &&
    builder.notional0 <= MAX_PLAIN_NOTIONAL &&
    builder.notional8 <= MAX_PLAIN_NOTIONAL
  )
}

/** Σ(price·volume) / Σ volume, rounded half up to 8 decimals; null when no volume was traded. */
export function vwapText(builder: BarBuilder): string | null {
  const { volumeInteger, notional0 } = builder
  if (volumeInteger > 0 && volumeInteger <= MAX_PLAIN_VOLUME && isPlain(builder)) {
    const whole = Math.floor(notional0 / volumeInteger)
    const rest = (notional0 - whole * volumeInteger) * ONE + builder.notional8
    const fraction = Math.floor((2 * rest + volumeInteger) / (2 * volumeInteger))
    const carry = Math.floor(fraction / ONE)
    return formatDecimal(whole + carry, fraction - carry * ONE)
  }
  const volume = volumeUnits(builder)
  if (volume === 0n) return null
  return formatUnits((2n * notionalUnits(builder) + volume) / (2n * volume))
}
