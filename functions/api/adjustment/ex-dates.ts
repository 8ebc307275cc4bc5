import { hoursOf, type TradingHours } from '../../shared/runtime/trading-hours.ts'
import { timeIn } from '../bars/timeframes.ts'
import { DAY_MS } from '../http/times.ts'
import type { LastSession } from './select-closes.ts'

/** The longest that a market is closed. */
const MAX_CLOSED_MS = 31 * DAY_MS

/** Where no market of a symbol is known. */
const NO_ZONE = 'UTC'

/** Finds when an ex-date (`2025-11-10`) begins by the clocks of the symbol's market, and the last regular session before. */
export function lastSessionBefore(tradingHours: TradingHours, symbol: string, exDate: string): LastSession {
  const hours = hoursOf(tradingHours, symbol)
  const start = timeIn(hours.type === 'hours' ? hours.calendar.timeZone : NO_ZONE, exDate)
  const dayBefore = { open: start - DAY_MS, close: start, exDate: start }
  if (hours.type !== 'hours') return dayBefore
  const span = { from: (start - MAX_CLOSED_MS) / 1000, until: start / 1000 }
  const last = hours.calendar.windowsIn(span, 'regular').at(-1)
  if (last === undefined) return dayBefore
  const [open, close] = [last.from * 1000, last.until * 1000]
  // Of a market that is always open, the day.
  return { open: Math.max(open, close - DAY_MS), close, exDate: start }
}
