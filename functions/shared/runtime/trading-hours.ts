import { type Calendar, createCalendar } from '../../domain/calendar/calendar.ts'
import { EXCHANGE_NAMES, exchangeRules } from '../../domain/calendar/exchanges.ts'
import { parseHours } from '../../domain/calendar/parse-hours.ts'
import { symbolMatcher } from './symbol-matcher.ts'

/** When trades are expected: never, at all times, or while a market is open. */
export type Hours =
  | { readonly type: 'off' }
  | { readonly type: 'always' }
  | { readonly type: 'hours'; readonly calendar: Calendar }

/** The hours of all symbols. */
export type TradingHours = {
  /** In order: of several that fit a symbol, the first counts. A symbol that fits none has no hours. */
  readonly groups: readonly { readonly fits: (symbol: string) => boolean; readonly hours: Hours }[]
}

const OFF: Hours = { type: 'off' }
const PER_SYMBOL = `, or hours by symbol as {"ES*,NQ*":"CMES","*":"XNYS"}`

/**
 * Parses the config's `tradingHours`: hours of all symbols, or a JSON object of hours by symbols, in which `*` stands for
 * any characters.
 *
 * @throws RangeError saying what is allowed
 */
export function parseTradingHours(text: string): TradingHours {
  if (!text.startsWith('{')) return { groups: [{ fits: () => true, hours: readHours(text) }] }
  const groups = Object.entries(parseObject(text)).map(([symbols, hours]) => {
    if (typeof hours !== 'string') throw new RangeError(`the hours of ${symbols} are no text${PER_SYMBOL}`)
    if (symbols === '') throw new RangeError(`hours are given for no symbol${PER_SYMBOL}`)
    return { fits: symbolMatcher(symbols), hours: readHours(hours) }
  })
  return { groups }
}

function parseObject(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null) return parsed
  } catch {
    // Told below, as what is no object.
  }
  throw new RangeError(`${text} is no JSON object of hours by symbol${PER_SYMBOL}`)
}

/**
 * Reads hours, or the name of an exchange.
 *
 * @throws RangeError saying what is allowed
 */
function readHours(text: string): Hours {
  if (text === 'off' || text === 'always') return { type: text }
  return { type: 'hours', calendar: readCalendar(text) }
}

/** @throws RangeError saying what is allowed */
export function readCalendar(text: string): Calendar {
  const rules = exchangeRules(text)
  if (rules !== undefined) return createCalendar(rules)
  try {
    return parseHours(text)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new RangeError(`${error.message}; or off, always, or an exchange: ${EXCHANGE_NAMES.join(', ')}`)
  }
}

/** The hours of a symbol. */
export function hoursOf({ groups }: TradingHours, symbol: string): Hours {
  return groups.find(({ fits }) => fits(symbol))?.hours ?? OFF
}

/** Whether trades are expected at a time (Unix milliseconds). */
export function isOpen(hours: Hours, time: number): boolean {
  return hours.type === 'hours' ? hours.calendar.isOpen(time / 1000, 'regular') : hours.type === 'always'
}

/** Whether trades of any symbol are expected at a time (Unix milliseconds). */
export function isAnyOpen({ groups }: TradingHours, time: number): boolean {
  return groups.some(({ hours }) => isOpen(hours, time))
}

/** Whether no trades are ever expected, or none of any symbol are said to be. */
export function isOff({ groups }: TradingHours): boolean {
  return groups.every(({ hours }) => hours.type === 'off')
}
