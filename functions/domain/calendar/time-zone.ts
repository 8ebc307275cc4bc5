import { dayNumber } from './dates.ts'

const MINUTE = 60
const DAY = 86_400
/** Offsets that are cached: a few for each day and hour of a month. */
const MAX_CACHED = 10_000

/** What clocks show in a time zone. Times are Unix seconds, days are counted since 1970-01-01. */
export type Zone = {
  /** IANA name, as `America/New_York`. */
  readonly name: string
  /**
   * The time at which the clock first shows so many minutes past midnight of a day, or has skipped them. Later times of day
   * never begin earlier, whichever way the clock is changed.
   */
  startOf(day: number, minutes: number): number
  /** The day that contains a time, where days begin at so many minutes past midnight. */
  dayOf(seconds: number, minutes: number): number
}

/**
 * Reads the clocks of a time zone.
 *
 * @throws RangeError when there is no such time zone
 */
export function createZone(name: string): Zone {
  const offsetAt = name === 'UTC' ? () => 0 : createOffsets(name)
  const startOf = (day: number, minutes: number): number => {
    const shown = day * DAY + minutes * MINUTE
    const [one, other] = [offsetAt(shown - DAY), offsetAt(shown + DAY)]
    const isShown = (seconds: number): boolean => seconds + offsetAt(seconds) >= shown
    const earliest = shown - Math.max(one, other)
    if (isShown(earliest)) return earliest
    const whole = firstWhere((each) => isShown(each * MINUTE), {
      from: Math.floor(earliest / MINUTE),
      to: Math.ceil((shown - Math.min(one, other)) / MINUTE),
    })
    return whole * MINUTE
  }
  const dayOf = (seconds: number, minutes: number): number => {
    let day = Math.floor((seconds + offsetAt(seconds)) / DAY) + 1
    while (startOf(day, minutes) > seconds) day--
    return day
  }
  return { name, startOf, dayOf }
}

/** Seconds by which clocks in a time zone are ahead of UTC, at a time in Unix seconds. */
function createOffsets(timeZone: string): (seconds: number) => number {
  // oxlint-disable-next-line no-restricted-globals -- the only source of time zones; it is always given the time
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  const cached = new Map<number, number>()
  return (seconds) => {
    const whole = Math.floor(seconds / MINUTE) * MINUTE
    const known = cached.get(whole)
    if (known !== undefined) return known
    const local = Object.fromEntries(
      format.formatToParts(whole * 1000).map(({ type, value }) => [type, Number(value)]),
    )
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = local
    const offset = dayNumber(year, month, day) * DAY + (hour * 60 + minute) * MINUTE - whole
    if (cached.size >= MAX_CACHED) cached.clear()
    cached.set(whole, offset)
    return offset
  }
}

/** The first whole number from which on `holds` is true, which it is at `to`. */
function firstWhere(
  holds: (value: number) => boolean,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
