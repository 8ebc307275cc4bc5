import type { UTCTimestamp } from 'lightweight-charts'

/** Unix seconds as the chart takes them. */
export function utc(seconds: number): UTCTimestamp {
  if (!isTime(seconds)) throw new RangeError(`${seconds} is no time; bars have Unix seconds`)
  return seconds
}

function isTime(seconds: number): seconds is UTCTimestamp {
  return Number.isFinite(seconds)
}
