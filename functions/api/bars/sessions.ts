import type { HoursKind } from '../../domain/calendar/calendar.ts'
import { hoursOf, readCalendar, type TradingHours } from '../../shared/runtime/trading-hours.ts'
import { BadRequestError } from '../http/problem.ts'
import type { Session } from './timeframes.ts'

/**
 * The hours of the market of each symbol.
 *
 * @throws BadRequestError naming a symbol without hours
 */
export function sessionsOf(
  kind: HoursKind,
  symbols: readonly string[],
  tradingHours: TradingHours,
): (symbol: string) => Session {
  const always = { kind, calendar: readCalendar('24/7') }
  const sessions = new Map<unknown, Session>()
  const sessionOf = (symbol: string): Session => {
    const hours = hoursOf(tradingHours, symbol)
    if (hours.type !== 'hours') return always
    const known = sessions.get(hours) ?? { kind, calendar: hours.calendar }
    sessions.set(hours, known)
    return known
  }
  const without = symbols.find((symbol) => hoursOf(tradingHours, symbol).type === 'off')
  if (without === undefined) return sessionOf
  throw new BadRequestError([
    {
      parameter: 'session',
      value: kind,
      allowed: `all: no hours are known of ${without}; the config key tradingHours tells them`,
    },
  ])
}
