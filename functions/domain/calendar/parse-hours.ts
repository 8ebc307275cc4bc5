import {
  type Calendar,
  type CalendarRules,
  CLOSED,
  createCalendar,
  type DayHours,
  type Window,
} from './calendar.ts'
import { dayNumber, firstDayOf, monthOf } from './dates.ts'
import { exchangeRules } from './exchanges.ts'

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const ALLOWED =
  'allowed are hours as America/New_York 09:30-16:00, with days, several windows, holidays and other hours of a day where needed: Asia/Tokyo Mon-Fri 09:00-11:30,12:30-15:30; closed 2026-01-01,2026-01-02; 2026-12-30 09:00-11:30'
const MINUTES_OF_DAY = 1440

/**
 * Reads hours: `[zone] [days] windows[; extended windows][; closed dates][; closed as exchange][; dates windows]`. Days are
 * those on which hours end; a window over midnight begins in the evening before.
 *
 * @throws RangeError saying what is wrong and what is allowed
 */
export function parseHours(text: string): Calendar {
  const [usual = '', ...others] = text.split(';').map((part) => part.trim())
  const words = usual.split(/\s+/)
  const regular = readWindows(words.pop() ?? '')
  const days =
    words.length > 0 && isDays(words.at(-1) ?? '') ? readDays(words.pop() ?? '') : readDays('Mon-Fri')
  const [timeZone = 'UTC', ...rest] = words
  if (rest.length > 0) throw wrong(usual)
  const extension = others.find((part) => part.startsWith('extended '))
  const extended = extension === undefined ? regular : readWindows(extension.slice('extended '.length).trim())
  const hours = { regular, extended }
  const other = others.filter((part) => part !== extension)
  try {
    return createCalendar({
      timeZone,
      week: WEEKDAYS.map((_, day) => (days.has(day) ? hours : CLOSED)),
      days: new Map(other.flatMap(readExceptions)),
    })
  } catch (error) {
    if (!(error instanceof RangeError) || error.message.includes(ALLOWED)) throw error
    throw new RangeError(`there is no time zone ${timeZone}; ${ALLOWED}`)
  }
}

function isDays(word: string): boolean {
  return /^[A-Z][a-z]{2}([-,][A-Z][a-z]{2})*$/.test(word)
}

/** Days of the week, 0 for Monday. */
function readDays(word: string): ReadonlySet<number> {
  const days = new Set<number>()
  for (const range of word.split(',')) {
    const [first = '', last = first] = range.split('-')
    const [from, to] = [WEEKDAYS.indexOf(first), WEEKDAYS.indexOf(last)]
    if (from < 0 || to < 0 || range.split('-').length > 2)
      throw new RangeError(`${range} names no days, as Mon-Fri or Sun,Tue-Thu; ${ALLOWED}`)
    for (let day = from; ; day = (day + 1) % 7) {
      days.add(day)
      if (day === to) break
    }
  }
  return days
}

/** @throws RangeError for windows that overlap, or are not in order */
function readWindows(word: string): readonly Window[] {
  const windows: Window[] = []
  for (const text of word.split(',')) {
    const [, ...times] = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/.exec(text) ?? []
    if (times.length === 0) throw wrong(text)
    const [openHour = 0, openMinute = 0, closeHour = 0, closeMinute = 0] = times.map(Number)
    const [open, close] = [openHour * 60 + openMinute, closeHour * 60 + closeMinute]
    if (open === close) throw new RangeError(`${text} begins when it ends; ${ALLOWED}`)
    if (close > MINUTES_OF_DAY) throw wrong(text)
    // The first may begin in the evening before the day on which it ends.
    windows.push({ open: open > close ? open - MINUTES_OF_DAY : open, close })
  }
  for (const [index, { open }] of windows.entries())
    if (open < (windows[index - 1]?.close ?? -MINUTES_OF_DAY))
      throw new RangeError(`${word} has windows that overlap or are not in order; ${ALLOWED}`)
  if ((windows.at(-1)?.close ?? 0) - (windows[0]?.open ?? 0) > MINUTES_OF_DAY)
    throw new RangeError(`${word} goes on while the next day has begun; ${ALLOWED}`)
  return windows
}

function readExceptions(part: string): readonly (readonly [number, DayHours])[] {
  const [, exchange] = /^closed as (\S+)$/.exec(part) ?? []
  if (exchange !== undefined) return closedDays(exchange)
  const [dates = '', hours = '', ...rest] = part.startsWith('closed ')
    ? [part.slice('closed '.length).replaceAll(/\s/g, ''), 'closed']
    : part.split(/\s+/)
  if (rest.length > 0) throw wrong(part)
  const regular = hours === 'closed' ? [] : readWindows(hours)
  return dates.split(',').map((date) => [readDate(date), { regular, extended: regular }] as const)
}

function closedDays(exchange: string): readonly (readonly [number, DayHours])[] {
  const rules: CalendarRules | undefined = exchangeRules(exchange)
  if (rules === undefined) throw new RangeError(`there is no exchange ${exchange}; ${ALLOWED}`)
  return [...rules.days].filter(([, { regular }]) => regular.length === 0)
}

function readDate(text: string): number {
  const [, year = 0, month = 0, day = 0] = (/^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []).map(Number)
  const found = dayNumber(year, month, day)
  const isThere =
    month >= 1 && month <= 12 && day >= 1 && found < firstDayOf(monthOf(dayNumber(year, month, 1)) + 1)
  if (!isThere) throw new RangeError(`${text} is no day, as 2026-12-25; ${ALLOWED}`)
  return found
}

function wrong(text: string): RangeError {
  return new RangeError(`${text} does not tell hours; ${ALLOWED}`)
}
