import {
  type Adjustment,
  type AdjustmentName,
  ADJUSTMENTS,
  adjustmentOf,
  dividendEffect,
  type Effect,
  splitEffect,
} from '../../domain/adjustment.ts'
import { parseDecimal, unitsAt } from '../../domain/decimal.ts'
import type { Sources } from '../endpoint.ts'
import { BadRequestError } from '../http/problem.ts'
import { DAY_MS } from '../http/times.ts'
import { lastSessionBefore } from './ex-dates.ts'
import { type StoredAction, selectActions } from './select-actions.ts'
import { type LastSession, selectCloses } from './select-closes.ts'

/** How bars of symbols are adjusted. */
export type Adjusting = {
  readonly hasActions: (symbol: string) => boolean
  /** Undefined where bars stay as they were traded. */
  readonly adjustmentOf: (symbol: string) => Promise<Adjustment | undefined>
}

type Wanted = {
  readonly adjustment: AdjustmentName
  readonly symbols: readonly string[]
  /** Unix milliseconds of the first bar that may be read. */
  readonly since: number
  readonly asof: number | undefined
}

/** An action whose ex-date has begun. */
type Begun = { readonly action: StoredAction; readonly session: LastSession }

/**
 * Finds what adjusts bars that are read: the actions whose ex-dates lie behind the first bar and have begun. Their closes are
 * read for the symbols that are reached only. Undefined for bars as they were traded, for which nothing is read.
 */
export async function adjustingOf(
  sources: Pick<Sources, 'database' | 'now' | 'tradingHours'>,
  { adjustment, symbols, since, asof }: Wanted,
): Promise<Adjusting | undefined> {
  if (adjustment === 'raw') return undefined
  const { database, now, tradingHours } = sources
  const until = Math.min(now(), asof ?? Infinity)
  // Clocks of the world are up to 14 hours ahead of UTC, and 12 behind.
  const days = { from: dayText(since - DAY_MS), to: dayText(until + DAY_MS) }
  const actions = await selectActions(database, { symbols, kinds: ADJUSTMENTS[adjustment], ...days })
  const begun = actions
    .map((action) => ({ action, session: lastSessionBefore(tradingHours, action.symbol, action.ex_date) }))
    .filter(({ session: { exDate } }) => exDate > since && exDate <= until)
  const bySymbol = Map.groupBy(begun, ({ action }) => action.symbol)
  const known = new Map<string, Promise<Adjustment | undefined>>()
  return {
    hasActions: (symbol) => bySymbol.has(symbol),
    adjustmentOf: async (symbol) => {
      const own = bySymbol.get(symbol)
      if (own === undefined) return undefined
      const found =
        known.get(symbol) ?? effectsOf(sources, own, { symbol, adjustment, asof }).then(adjustmentOf)
      known.set(symbol, found)
      return await found
    },
  }
}

/** Symbols that can be read together: those without actions. */
export function alike(
  adjusting: Adjusting | undefined,
  symbols: readonly string[],
): readonly (readonly string[])[] {
  if (adjusting === undefined) return [symbols]
  const traded = symbols.filter((symbol) => !adjusting.hasActions(symbol))
  const adjusted = symbols.filter((symbol) => adjusting.hasActions(symbol)).map((symbol) => [symbol])
  return traded.length === 0 ? adjusted : [traded, ...adjusted]
}

type Asked = Pick<Wanted, 'adjustment' | 'asof'> & { readonly symbol: string }

async function effectsOf(
  sources: Pick<Sources, 'database' | 'now'>,
  begun: readonly Begun[],
  asked: Asked,
): Promise<readonly Effect[]> {
  const splits = begun.flatMap(({ action: { new_shares: to, old_shares: from }, session }) =>
    to === null || from === null ? [] : [splitEffect(session.exDate, BigInt(to), BigInt(from))],
  )
  const dividends = begun.filter(({ action }) => action.kind === 'dividend')
  const sessions = dividends.map(({ session }) => session)
  const closes = await selectCloses(sources, sessions, asked)
  const paid = dividends.flatMap((dividend, place) => {
    const close = closes[place]
    // Without a bar before the ex-date, there is none to adjust.
    return close === undefined ? [] : [effectOf(dividend, close, asked)]
  })
  return [...splits, ...paid]
}

/** @throws BadRequestError where the dividend is not less than the close before */
function effectOf({ action, session }: Begun, close: string, { symbol, adjustment }: Asked): Effect {
  const amount = action.amount ?? '0'
  const effect = dividendEffect(session.exDate, unitsOf(amount), unitsOf(close))
  if (effect !== undefined) return effect
  throw new BadRequestError([
    {
      parameter: 'adjustment',
      value: adjustment,
      allowed: `raw or split: the dividend ${amount} of ${symbol} with the ex-date ${action.ex_date} is not less than the close before it, ${close}; correct it by tickstock import --actions`,
    },
  ])
}

/** More than any price or amount has. */
const DECIMALS = 40
const DIGITS = { decimals: DECIMALS, integerDigits: DECIMALS }

function unitsOf(text: string): bigint {
  const read = parseDecimal(text, DIGITS)
  if (typeof read === 'string') throw new RangeError(`${text} of the database is no decimal: ${read}`)
  return BigInt(unitsAt(read, DECIMALS))
}

function dayText(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
