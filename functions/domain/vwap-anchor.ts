import type { Calendar } from './calendar/calendar.ts'
import { createZone } from './calendar/time-zone.ts'

/** When a day of the vwap begins: at a time of day in a time zone, or when a market opens. */
export type VwapAnchor =
  | {
      /** IANA name, as `America/New_York`. */
      readonly timeZone: string
      /** Minutes past midnight, there. */
      readonly startMinutes: number
    }
  | Pick<Calendar, 'dayOf' | 'windowsOf'>

/** Days that are cached: bars come nearly in the order of time. */
const MAX_CACHED = 20
/** The longest that a market is closed. */
const MAX_CLOSED_DAYS = 31
const DAY_SECONDS = 86_400

/** Seconds that no day of the vwap is longer than; one of a clock is longer than 24 hours where clocks are set back. */
export function longestVwapDay(anchor: VwapAnchor): number {
  return DAY_SECONDS * ('startMinutes' in anchor ? 2 : MAX_CLOSED_DAYS + 1)
}

/** A day of the vwap and the Unix seconds that it contains, the last excluded. */
type VwapDay = { readonly from: number; readonly until: number; readonly day: number }

/**
 * Numbers the days of the vwap: returns the day that contains a time (Unix seconds), as the count of days since
 * 1970-01-01 in that time zone, the day being the one on which it began. A day begins when the clock first shows its
 * start, or has skipped it.
 *
 * @throws RangeError when there is no such time zone
 */
export function createVwapDays(anchor: VwapAnchor): (seconds: number) => number {
  const dayAt = 'startMinutes' in anchor ? daysOfClock(anchor) : daysOfMarket(anchor)
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

function daysOfClock({
  timeZone,
  startMinutes,
}: Extract<VwapAnchor, { timeZone: string }>): (seconds: number) => VwapDay {
  const zone = createZone(timeZone)
  return (seconds) => {
    const day = zone.dayOf(seconds, startMinutes)
    return { from: zone.startOf(day, startMinutes), until: zone.startOf(day + 1, startMinutes), day }
  }
}

/** From the open of a trading day to that of the next. */
function daysOfMarket({
  dayOf,
  windowsOf,
}: Pick<Calendar, 'dayOf' | 'windowsOf'>): (seconds: number) => VwapDay {
  return (seconds) => {
    const day = dayOf(seconds, 'regular')
    // A market that was closed for a month has no day: each minute is one.
    if (day === undefined) return { from: seconds, until: seconds + 1, day: -1 - Math.floor(seconds / 60) }
    const openOf = (other: number): number | undefined => windowsOf(other, 'regular')[0]?.from
    let next = day + 1
    while (openOf(next) === undefined && next < day + MAX_CLOSED_DAYS) next++
    return { from: openOf(day) ?? seconds, until: openOf(next) ?? seconds + 1, day }
  }
}
