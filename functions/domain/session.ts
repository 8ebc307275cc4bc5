/** When a trading day begins: a time of day in a time zone. */
export type SessionRule = {
  /** IANA name, as `America/New_York`. */
  readonly timeZone: string
  /** Minutes past midnight, there. */
  readonly startMinutes: number
}

/** Every offset there is or was since 1970 is a multiple of this. */
const STEP_SECONDS = 15 * 60
/** Steps remembered: bars come nearly in the order of time. */
const MOST_KNOWN = 100

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
  const sessionAt = (step: number): number => {
    const local = Object.fromEntries(
      format.formatToParts(step * STEP_SECONDS * 1000).map(({ type, value }) => [type, Number(value)]),
    )
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = local
    return dayNumber(year, month, day) - (hour * 60 + minute < startMinutes ? 1 : 0)
  }
  const known = new Map<number, number>()
  return (seconds) => {
    const step = Math.floor(seconds / STEP_SECONDS)
    const found = known.get(step)
    if (found !== undefined) return found
    const session = sessionAt(step)
    if (known.size === MOST_KNOWN) known.clear()
    known.set(step, session)
    return session
  }
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
