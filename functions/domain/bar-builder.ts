import { formatDecimal, formatUnits, ONE, toUnits } from './decimal.ts'
import type { Tick } from './tick.ts'

export const MINUTE_SECONDS = 60

/**
 * The fold of one minute's ticks, exact and independent of how they were batched.
 *
 * Σ(price·volume) is kept by powers of ten: `notional0 + notional8 · 10⁻⁸ + notional16 · 10⁻¹⁶`. Every sum is an
 * exact integer below 2⁵³; what would pass that goes to the two `wide` sums. So the common tick costs a few
 * machine multiplications and no allocation, and no tick ever costs a digit.
 */
export type Minute = {
  /** Unix seconds of the minute's start. */
  start: number
  /** The last revision given to a bar of this minute; 0 before the first. */
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

/** Unix seconds of the start of the minute in which a time lies. */
export function minuteOf(seconds: number): number {
  return seconds - (seconds % MINUTE_SECONDS)
}

/** A minute that holds its first tick. */
export function startMinute(tick: Tick): Minute {
  const minute: Minute = {
    start: minuteOf(tick.seconds),
    revision: 0,
    count: 0,
    openSeconds: tick.seconds,
    openNanos: tick.nanos,
    openInteger: tick.priceInteger,
    openFraction: tick.priceFraction,
    closeSeconds: tick.seconds,
    closeNanos: tick.nanos,
    closeInteger: tick.priceInteger,
    closeFraction: tick.priceFraction,
    highInteger: tick.priceInteger,
    highFraction: tick.priceFraction,
    lowInteger: tick.priceInteger,
    lowFraction: tick.priceFraction,
    volumeInteger: 0,
    volumeFraction: 0,
    notional0: 0,
    notional8: 0,
    notional16: 0,
    volumeWide: 0n,
    notionalWide: 0n,
  }
  addTick(minute, tick)
  return minute
}

/** Folds a tick into a minute, in place. Ticks are given in order of arrival. */
export function addTick(minute: Minute, tick: Tick): void {
  const { seconds, nanos, priceInteger, priceFraction, volumeInteger, volumeFraction } = tick
  minute.count++
  if (seconds < minute.openSeconds || (seconds === minute.openSeconds && nanos < minute.openNanos)) {
    minute.openSeconds = seconds
    minute.openNanos = nanos
    minute.openInteger = priceInteger
    minute.openFraction = priceFraction
  }
  if (seconds > minute.closeSeconds || (seconds === minute.closeSeconds && nanos >= minute.closeNanos)) {
    minute.closeSeconds = seconds
    minute.closeNanos = nanos
    minute.closeInteger = priceInteger
    minute.closeFraction = priceFraction
  }
  if (
    priceInteger > minute.highInteger ||
    (priceInteger === minute.highInteger && priceFraction > minute.highFraction)
  ) {
    minute.highInteger = priceInteger
    minute.highFraction = priceFraction
  }
  if (
    priceInteger < minute.lowInteger ||
    (priceInteger === minute.lowInteger && priceFraction < minute.lowFraction)
  ) {
    minute.lowInteger = priceInteger
    minute.lowFraction = priceFraction
  }
  const volume0 = minute.volumeInteger + volumeInteger
  const volume8 = minute.volumeFraction + volumeFraction
  const notional0 = minute.notional0 + priceInteger * volumeInteger
  const notional8 = minute.notional8 + priceInteger * volumeFraction + priceFraction * volumeInteger
  const notional16 = minute.notional16 + priceFraction * volumeFraction
  // A rounded sum of non-negative integers below 2⁵³ is exact, and so were its parts.
  if (
    volume0 <= Number.MAX_SAFE_INTEGER &&
    volume8 <= Number.MAX_SAFE_INTEGER &&
    notional0 <= Number.MAX_SAFE_INTEGER &&
    notional8 <= Number.MAX_SAFE_INTEGER &&
    notional16 <= Number.MAX_SAFE_INTEGER
  ) {
    minute.volumeInteger = volume0
    minute.volumeFraction = volume8
    minute.notional0 = notional0
    minute.notional8 = notional8
    minute.notional16 = notional16
  } else addWide(minute, tick)
}

function addWide(minute: Minute, tick: Tick): void {
  const price = toUnits(tick.priceInteger, tick.priceFraction)
  const volume = toUnits(tick.volumeInteger, tick.volumeFraction)
  minute.notionalWide = notionalUnits(minute) + price * volume
  minute.volumeWide = volumeUnits(minute) + volume
  minute.volumeInteger = 0
  minute.volumeFraction = 0
  minute.notional0 = 0
  minute.notional8 = 0
  minute.notional16 = 0
}

function volumeUnits(minute: Minute): bigint {
  return minute.volumeWide + toUnits(minute.volumeInteger, minute.volumeFraction)
}

function notionalUnits(minute: Minute): bigint {
  const one = BigInt(ONE)
  return (
    minute.notionalWide +
    (BigInt(minute.notional0) * one + BigInt(minute.notional8)) * one +
    BigInt(minute.notional16)
  )
}

/** Σ volume of the minute as exact decimal text. */
export function volumeText(minute: Minute): string {
  const carry = Math.floor(minute.volumeFraction / ONE)
  const integer = minute.volumeInteger + carry
  if (minute.volumeWide > 0n || integer > Number.MAX_SAFE_INTEGER) return formatUnits(volumeUnits(minute))
  return formatDecimal(integer, minute.volumeFraction - carry * ONE)
}

const MAX_PLAIN_VOLUME = 10_000_000
const MAX_PLAIN_NOTIONAL = 1_000_000_000_000_000

/** True when only whole lots were traded, and few enough that each step of the vwap is an integer below 2⁵³. */
function isPlain(minute: Minute): boolean {
  return (
    minute.volumeFraction === 0 &&
    minute.volumeWide === 0n &&
    minute.notionalWide === 0n &&
    minute.notional0 <= MAX_PLAIN_NOTIONAL &&
    minute.notional8 <= MAX_PLAIN_NOTIONAL
  )
}

/** Σ(price·volume) / Σ volume, rounded half up to 8 decimals; null when no volume was traded. */
export function vwapText(minute: Minute): string | null {
  const { volumeInteger, notional0 } = minute
  if (volumeInteger > 0 && volumeInteger <= MAX_PLAIN_VOLUME && isPlain(minute)) {
    const whole = Math.floor(notional0 / volumeInteger)
    const rest = (notional0 - whole * volumeInteger) * ONE + minute.notional8
    const fraction = Math.floor((2 * rest + volumeInteger) / (2 * volumeInteger))
    const carry = Math.floor(fraction / ONE)
    return formatDecimal(whole + carry, fraction - carry * ONE)
  }
  const volume = volumeUnits(minute)
  if (volume === 0n) return null
  return formatUnits((2n * notionalUnits(minute) + volume) / (2n * volume))
}
