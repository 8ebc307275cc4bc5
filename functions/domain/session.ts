/** When a trading day begins: a time of day in a time zone. */
export type SessionRule = {
  /** IANA name, as `America/New_York`. */
  readonly timeZone: string
  /** Minutes past midnight, there. */
  readonly startMinutes: number
}

/** Every offset since 1972 is a multiple of this. */
const STEP_SECONDS = 15 * 60
/** Longer than any day, those on which clocks are set back included. */
const DAY_STEPS = (26 * 60 * 60) / STEP_SECONDS
/** Clocks are set back by this at most. */
const REPEATED_STEPS = (60 * 60) / STEP_SECONDS
/** Sessions remembered: bars come nearly in the order of time. */
const MOST_KNOWN = 20

/** A session and the Unix seconds in which it lies, the last not included. */
type KnownSession = { readonly from: number; readonly until: number; readonly session: number }

/**
 * Numbers trading days: gives the day in which a time (Unix seconds) lies, as the count of days since 1970-01-01 in
 * that time zone, the day being the one on which the session began.
 *
 * @throws RangeError when there is no such time zone
 */
export function createSessions({ timeZone, startMinutes }: SessionRule): (seconds: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  const dayAt = (step: number): number => {
    const local = Object.fromEntries(
      format.formatToParts(step * STEP_SECONDS * 1000).map(({ type, value }) => [type, Number(value)]),
    )
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = local
    return dayNumber(year, month, day) - (hour * 60 + minute < startMinutes ? 1 : 0)
  }
  // Clocks that are set back past the start of a session do not end it again.
  const sessionAt = (step: number): number => {
    let session = dayAt(step)
    for (let back = 1; back <= REPEATED_STEPS; back++) session = Math.max(session, dayAt(step - back))
    return session
  }
  const known: KnownSession[] = []
  let last: KnownSession = { from: 0, until: 0, session: 0 }
  return (seconds) => {
    if (seconds >= last.from && seconds < last.until) return last.session
    const found = known.find(({ from, until }) => seconds >= from && seconds < until)
    if (found !== undefined) {
      last = found
      return found.session
    }
    const step = Math.floor(seconds / STEP_SECONDS)
    const session = sessionAt(step)
    const first = firstWhere((each) => sessionAt(each) >= session, { from: step - DAY_STEPS, to: step })
    const after = firstWhere((each) => sessionAt(each) > session, { from: step, to: step + DAY_STEPS })
    last = { from: first * STEP_SECONDS, until: after * STEP_SECONDS, session }
    if (known.length === MOST_KNOWN) known.shift()
    known.push(last)
    return session
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
