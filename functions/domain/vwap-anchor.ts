import { createZone } from './calendar/time-zone.ts'

/** When a day of the vwap begins: a time of day in a time zone. */
export type VwapAnchor = {
  /** IANA name, as `America/New_York`. */
  readonly timeZone: string
  /** Minutes past midnight, there. */
  readonly startMinutes: number
}

/** Days that are cached: bars come nearly in the order of time. */
const MAX_CACHED = 20

/** A day of the vwap and the Unix seconds that it contains, the last excluded. */
type VwapDay = { readonly from: number; readonly until: number; readonly day: number }

/**
 * Numbers the days of the vwap: returns the day that contains a time (Unix seconds), as the count of days since
 * 1970-01-01 in that time zone, the day being the one on which it began. A day begins when the clock first shows its
 * start, or has skipped it.
 *
 * @throws RangeError when there is no such time zone
 */
export function createVwapDays({ timeZone, startMinutes }: VwapAnchor): (seconds: number) => number {
  const zone = createZone(timeZone)
  const dayAt = (seconds: number): VwapDay => {
    const day = zone.dayOf(seconds, startMinutes)
    return { from: zone.startOf(day, startMinutes), until: zone.startOf(day + 1, startMinutes), day }
  }
  const cached: VwapDay[] = []
  let last: VwapDay = { from: 0, until: 0, day: 0 }
  return (seconds) => {
    if (seconds >= last.from && seconds < last.until) return last.day
    const found = cached.find(({ from, until }) => seconds >= from && seconds < until)
    last = found ?? dayAt(seconds)
    if (found === undefined) cached.push(last)
    if (cached.length > MAX_CACHED) cached.shift()
    return last.day
  }
}
