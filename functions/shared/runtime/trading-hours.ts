/** When trades are expected: never, at all times, or on weekdays between two minutes of the day in a time zone. */
export type TradingHours =
  | { readonly type: 'off' }
  | { readonly type: 'always' }
  | {
      readonly type: 'hours'
      /** IANA name, as `America/New_York`. */
      readonly timeZone: string
      /** Minutes past midnight, there; the last is not included. */
      readonly from: number
      readonly to: number
    }

const ALLOWED = 'allowed is off, always, or hours as America/New_York 09:30-16:00 (without a time zone: UTC)'
const HOURS = /^(?:(\S+) )?([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/

/**
 * Parses the config's `tradingHours`.
 *
 * @throws RangeError saying what is allowed
 */
export function parseTradingHours(text: string): TradingHours {
  if (text === 'off' || text === 'always') return { type: text }
  const found = HOURS.exec(text)
  if (found === null) throw new RangeError(ALLOWED)
  const [, timeZone = 'UTC', ...times] = found
  const [fromHours = 0, fromMinutes = 0, toHours = 0, toMinutes = 0] = times.map(Number)
  const [from, to] = [fromHours * 60 + fromMinutes, toHours * 60 + toMinutes]
  if (from === to) throw new RangeError(`it begins when it ends; ${ALLOWED}`)
  if (!isTimeZone(timeZone)) throw new RangeError(`there is no time zone ${timeZone}; ${ALLOWED}`)
  return { type: 'hours', timeZone, from, to }
}

/** Whether a time (Unix milliseconds) is within the hours; hours over midnight begin on a weekday. */
export function isWithin(
  { timeZone, from, to }: Extract<TradingHours, { type: 'hours' }>,
  time: number,
): boolean {
  const clock = clockOf(timeZone)
  const shown = Object.fromEntries(clock.formatToParts(time).map(({ type, value }) => [type, value]))
  const minute = Number(shown['hour']) * 60 + Number(shown['minute'])
  const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(shown['weekday'] ?? '')
  const isWeekday = day > 0 && day < 6
  if (from < to) return isWeekday && minute >= from && minute < to
  return (isWeekday && minute >= from) || (day > 1 && minute < to)
}

/** Clocks by time zone: making one takes longer than reading it. */
const CLOCKS = new Map<string, Intl.DateTimeFormat>()

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = CLOCKS.get(timeZone)
  if (known !== undefined) return known
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'short',
    hour: 'numeric',
    minute: 'numeric',
  })
  CLOCKS.set(timeZone, clock)
  return clock
}

/** Whether trades are expected at a time (Unix milliseconds). */
export function isOpen(hours: TradingHours, time: number): boolean {
  return hours.type === 'hours' ? isWithin(hours, time) : hours.type === 'always'
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).format(0) !== ''
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
