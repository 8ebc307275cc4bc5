import { encodeDays, type ExchangeData } from '../../functions/domain/calendar/exchanges.ts'
import type { Sessions } from './read-sessions.ts'

/** Hours before and after the regular ones, by the regular ones of a day; where none are named there are none. */
const EXTENDED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  XNYS: { '570-960': '240-1200', '570-780': '240-1020' },
  XNAS: { '570-960': '240-1200', '570-780': '240-1020' },
}

/** Globex pauses from 16:00 to 17:00 in Chicago, which exchange_calendars leaves out. */
const CLOSES: Readonly<Record<string, Readonly<Record<number, number>>>> = { CMES: { 1020: 960 } }

/** What the domain keeps of the sessions of an exchange, from the first day on. */
export function exchangeData(name: string, sessions: Sessions, first: string): ExchangeData {
  const hours = new Map<string, number[]>()
  const traded = new Set<number>()
  for (const { day, open, close } of sessions.sessions) {
    const text = `${open}-${CLOSES[name]?.[close] ?? close}`
    const number = dayOf(day)
    traded.add(number)
    hours.set(text, [...(hours.get(text) ?? []), number])
  }
  const [usual, ...others] = [...hours].toSorted(([, one], [, other]) => other.length - one.length)
  const regular = usual?.[0] ?? ''
  const extendedOf = (text: string): string => EXTENDED[name]?.[text] ?? text
  const closed: number[] = []
  for (let day = dayOf(first); day <= dayOf(sessions.last); day++)
    if ((day + 3) % 7 < 5 && !traded.has(day)) closed.push(day)
  return {
    timeZone: sessions.timeZone,
    first,
    last: sessions.last,
    regular,
    extended: extendedOf(regular),
    closed: encodeDays(closed),
    other: others.map(([text, days]) => ({
      regular: text,
      extended: extendedOf(text),
      days: encodeDays(days),
    })),
  }
}

export function dayOf(date: string): number {
  return Date.parse(date) / 86_400_000
}
