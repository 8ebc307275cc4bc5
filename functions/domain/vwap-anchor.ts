/** When a trading day begins: a time of day in a time zone. */
export type SessionRule = {
  /** IANA name, as `America/New_York`. */
  readonly timeZone: string
  /** Minutes past midnight, there. */
  readonly startMinutes: number
}

/** Sessions remembered: bars come nearly in the order of time. */
const MOST_KNOWN = 20
const MINUTE = 60
const DAY = 86_400

/** A session and the Unix seconds in which it lies, the last not included. */
type KnownSession = { readonly from: number; readonly until: number; readonly session: number }

/**
 * Numbers trading days: gives the day in which a time (Unix seconds) lies, as the count of days since 1970-01-01 in
 * that time zone, the day being the one on which the session began. A session begins when the clock first shows its
 * start, or has skipped it.
 *
 * @throws RangeError when there is no such time zone
 */
export function createSessions({ timeZone, startMinutes }: SessionRule): (seconds: number) => number {
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
  const sessionAt = (seconds: number): KnownSession => {
    let session = Math.floor((seconds + offsetAt(seconds)) / DAY) + 1
    while (startOf(session) > seconds) session--
    return { from: startOf(session), until: startOf(session + 1), session }
  }
  const known: KnownSession[] = []
  let last: KnownSession = { from: 0, until: 0, session: 0 }
  return (seconds) => {
    if (seconds >= last.from && seconds < last.until) return last.session
    const found = known.find(({ from, until }) => seconds >= from && seconds < until)
    last = found ?? sessionAt(seconds)
    if (found === undefined) known.push(last)
    if (known.length > MOST_KNOWN) known.shift()
    return last.session
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
