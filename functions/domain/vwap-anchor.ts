/** When a day of the vwap begins: a time of day in a time zone. */
export type VwapAnchor = {
  /** IANA name, as `America/New_York`. */
  readonly timeZone: string
  /** Minutes past midnight, there. */
  readonly startMinutes: number
}

/** Days that are cached: bars come nearly in the order of time. */
const MAX_CACHED = 20
const MINUTE = 60
const DAY = 86_400

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
  const offsetAt = createOffsets(timeZone)
  const startOf = (day: number): number => {
    const shown = day * DAY + startMinutes * MINUTE
    const [one, other] = [offsetAt(shown - DAY), offsetAt(shown + DAY)]
    const isShown = (seconds: number): boolean => seconds + offsetAt(seconds) >= shown
    const earliest = shown - Math.max(one, other)
    if (isShown(earliest)) return earliest
    const minutes = firstWhere((each) => isShown(each * MINUTE), {
      from: Math.floor(earliest / MINUTE),
      to: Math.ceil((shown - Math.min(one, other)) / MINUTE),
    })
    return minutes * MINUTE
  }
  const dayAt = (seconds: number): VwapDay => {
    let day = Math.floor((seconds + offsetAt(seconds)) / DAY) + 1
    while (startOf(day) > seconds) day--
    return { from: startOf(day), until: startOf(day + 1), day }
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
  return (seconds) => {
    const whole = Math.floor(seconds / MINUTE) * MINUTE
    const local = Object.fromEntries(
      format.formatToParts(whole * 1000).map(({ type, value }) => [type, Number(value)]),
    )
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = local
    return dayNumber(year, month, day) * DAY + (hour * 60 + minute) * MINUTE - whole
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

/** Days since 1970-01-01 of a date of the Gregorian calendar; years begin in March, so that leap days come last. */
function dayNumber(year: number, month: number, day: number): number {
  const years = month <= 2 ? year - 1 : year
  const months = (month + 9) % 12
  return (
    365 * years +
    Math.floor(years / 4) -
    Math.floor(years / 100) +
    Math.floor(years / 400) +
    Math.floor((153 * months + 2) / 5) +
    day -
    719_469
  )
}
