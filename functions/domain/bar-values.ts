import type { BarBuilder } from './bar-builder.ts'
import { bigPower, divideHalfUp, formatDecimal, narrow, POWERS } from './decimal.ts'

/** Decimals of a vwap. */
export const VWAP_DECIMALS = 8

/** A price of a bar, in units of its price scale. */
function priceUnits(bar: BarBuilder, name: 'open' | 'high' | 'low' | 'close'): number | bigint {
  const { exact } = bar
  return exact === undefined ? bar[name] : (exact[name] ?? 0n)
}

/** A price of a bar as exact decimal text. */
export function priceText(bar: BarBuilder, name: 'open' | 'high' | 'low' | 'close'): string {
  const units = priceUnits(bar, name)
  const { priceScale } = bar
  if (typeof units === 'bigint') return formatDecimal(units, priceScale)
  const place = (units + priceScale * PLACES_PER_SCALE) & (KNOWN_PRICES - 1)
  if (knownUnits[place] === units && knownScales[place] === priceScale) return knownTexts[place] ?? ''
  const text = formatDecimal(units, priceScale)
  knownUnits[place] = units
  knownScales[place] = priceScale
  knownTexts[place] = text
  return text
}

/** Prices come again: those of a bar are near each other and near those of the bar before, some steps of the venue apart. */
const KNOWN_PRICES = 4096
const PLACES_PER_SCALE = 511
const knownUnits = new Float64Array(KNOWN_PRICES).fill(Number.NaN)
const knownScales = new Uint8Array(KNOWN_PRICES)
const knownTexts: string[] = Array.from({ length: KNOWN_PRICES }, () => '')

/** Σ volume as exact decimal text. */
export function volumeText(bar: BarBuilder): string {
  return formatDecimal(volumeUnits(bar), bar.volumeScale)
}

/** Σ volume, in units of the volume scale. */
function volumeUnits({ volume, volumeCarry }: BarBuilder): number | bigint {
  return volumeCarry === 0n ? volume : volumeCarry + BigInt(volume)
}

/** Σ(price·volume), in units of both scales together. */
export function notionalUnits({ notional, notionalCarry }: BarBuilder): number | bigint {
  return notionalCarry === 0n ? notional : notionalCarry + BigInt(notional)
}

/** Σ(price·volume) / Σ volume in units of 10⁻⁸, rounded half up; null when no volume was traded. */
export function vwapUnits(bar: BarBuilder): number | bigint | null {
  const volume = volumeUnits(bar)
  if (volume === 0 || volume === 0n) return null
  const notional = notionalUnits(bar)
  return (
    plainVwap(notional, volume, bar.priceScale) ?? exactVwap(BigInt(notional), BigInt(volume), bar.priceScale)
  )
}

const MAX_PLAIN_VOLUME = 10_000_000
const MAX_PLAIN_PRICE = 10_000_000

/** The same where each step is a whole number below 2⁵³; undefined where it is not. */
function plainVwap(
  notional: number | bigint,
  volume: number | bigint,
  priceScale: number,
): number | undefined {
  if (typeof notional !== 'number' || typeof volume !== 'number' || notional < 0) return undefined
  if (volume > MAX_PLAIN_VOLUME || priceScale > VWAP_DECIMALS) return undefined
  const whole = Math.floor(notional / volume)
  const factor = POWERS[VWAP_DECIMALS - priceScale] ?? Number.NaN
  if (whole * factor > MAX_PLAIN_PRICE * 1e8) return undefined
  const rest = (notional - whole * volume) * factor
  return whole * factor + Math.floor((2 * rest + volume) / (2 * volume))
}

function exactVwap(notional: bigint, volume: bigint, priceScale: number): number | bigint {
  return narrow(
    priceScale <= VWAP_DECIMALS
      ? divideHalfUp(notional * bigPower(VWAP_DECIMALS - priceScale), volume)
      : divideHalfUp(notional, volume * bigPower(priceScale - VWAP_DECIMALS)),
  )
}
