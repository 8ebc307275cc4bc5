import { type CalendarRules, CLOSED, type DayHours, type Window } from './calendar.ts'
import { EXCHANGES } from './exchange-data.ts'

/** What is known of an exchange, as `npm run calendars` writes it. */
export type ExchangeData = {
  readonly timeZone: string
  /** The first and the last day for which holidays are known; on others, weekdays are trading days. */
  readonly first: string
  readonly last: string
  /** The usual hours, minutes past midnight of the trading day: `570-960`. */
  readonly regular: string
  readonly extended: string
  /** Weekdays without trading, as `decodeDays` reads them. */
  readonly closed: string
  /** Trading days with other hours. */
  readonly other: readonly { readonly regular: string; readonly extended: string; readonly days: string }[]
}

const WEEK = 7
const WORKDAYS = 5

/** Names of exchanges whose calendars are known. */
export const EXCHANGE_NAMES: readonly string[] = [...Object.keys(EXCHANGES), 'FX', '24/7']

/** Every hour of the week. */
const ALWAYS = { regular: [{ open: 0, close: 1440 }], extended: [{ open: 0, close: 1440 }] }
/** Currencies: from Sunday to Friday, five in the afternoon in New York. */
const FX_DAY = { regular: [{ open: -420, close: 1020 }], extended: [{ open: -420, close: 1020 }] }

/** The calendar of an exchange; undefined where there is none of that name. */
export function exchangeRules(name: string): CalendarRules | undefined {
  if (name === '24/7') return { timeZone: 'UTC', week: weekOf(ALWAYS, WEEK), days: new Map() }
  if (name === 'FX') return { timeZone: 'America/New_York', week: weekOf(FX_DAY, WORKDAYS), days: new Map() }
  const data: ExchangeData | undefined = Object.hasOwn(EXCHANGES, name) ? EXCHANGES[name] : undefined
  if (data === undefined) return undefined
  const days = new Map<number, DayHours>()
  for (const day of decodeDays(data.closed)) days.set(day, CLOSED)
  for (const { days: other, ...hours } of data.other)
    for (const day of decodeDays(other)) days.set(day, hoursOf(hours))
  return { timeZone: data.timeZone, week: weekOf(hoursOf(data), WORKDAYS), days }
}

function weekOf(hours: DayHours, days: number): readonly DayHours[] {
  return Array.from({ length: WEEK }, (_, day) => (day < days ? hours : CLOSED))
}

function hoursOf({ regular, extended }: Pick<ExchangeData, 'regular' | 'extended'>): DayHours {
  return { regular: [windowOf(regular)], extended: [windowOf(extended)] }
}

function windowOf(text: string): Window {
  const [, open = 0, close = 0] = (/^(-?\d+)-(\d+)$/.exec(text) ?? []).map(Number)
  return { open, close }
}

/** Days since 1970-01-01, as text: each as its distance from the one before, in base 36. */
export function encodeDays(days: readonly number[]): string {
  return days.map((day, index) => (day - (days[index - 1] ?? 0)).toString(36)).join(' ')
}

export function decodeDays(text: string): readonly number[] {
  let day = 0
  return text === '' ? [] : text.split(' ').map((distance) => (day += Number.parseInt(distance, 36)))
}
