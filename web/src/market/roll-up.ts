import { greatest, least, plus, quotient } from '../values/decimal-text.ts'
import type { Bar } from './bar.ts'

/** The API rounds the volume-weighted price to so many decimals. */
const VWAP_DECIMALS = 8

/**
 * One longer bar of its minutes, exactly as the API computes it. It says `complete: false`, as a bar that is still filling.
 *
 * @param minutes oldest first, at least one
 */
export function rollUp(start: number, minutes: readonly Bar[]): Bar | undefined {
  const [first, ...others] = minutes
  if (first === undefined) return undefined
  const bar = others.reduce(extended, { ...first, notional: notionalOf(first) })
  const { notional, volume } = bar
  return {
    ...bar,
    time: start,
    vwap: notional === null ? null : quotient(notional, volume, VWAP_DECIMALS),
    complete: false,
  }
}

function extended(bar: Bar, next: Bar): Bar {
  const notional = notionalOf(next)
  return {
    ...bar,
    high: greatest(bar.high, next.high),
    low: least(bar.low, next.low),
    close: next.close,
    volume: plus(bar.volume, next.volume),
    trades: bar.trades + next.trades,
    notional: bar.notional === null || notional === null ? null : plus(bar.notional, notional),
    revision: bar.revision + next.revision,
  }
}

/** A bar without volume adds nothing, whatever its notional. */
function notionalOf({ notional, volume }: Bar): string | null {
  return volume === '0' ? '0' : notional
}
