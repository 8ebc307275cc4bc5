import type { Zone } from '../market/timeframes.ts'

type Parameters = Readonly<Record<string, string | undefined>>
/** What a request of the API asks for. */
export type Question = { readonly path: string; readonly parameters?: Parameters }

/** The API keeps no earlier time. */
const FIRST_TIME = '1980-01-01T00:00:00Z'
/** Symbols that one request may name. */
const MOST_NAMED = 100
export const MOST_ENTRIES = '10000'
/** Decimals as text, which loses no digit. */
export const TEXT = { numbers: 'string' }
/** Bars that a chart reads at a time. */
export const BARS_AT_A_TIME = 500

export type BarsQuery = {
  readonly symbol: string
  readonly timeframe: string
  readonly zone: Zone
  readonly start?: string | undefined
  readonly end?: string | undefined
  readonly asof?: string | undefined
  readonly limit: number
}

/** The newest bars of a symbol. */
export function newestBars(query: BarsQuery): Question {
  const { symbol, timeframe, zone, start = FIRST_TIME, end, asof, limit } = query
  return {
    path: `/v1/bars/${encodeURIComponent(symbol)}`,
    parameters: { ...TEXT, timeframe, tz: zone, start, end, asof, sort: 'desc', limit: String(limit) },
  }
}

/** The newest minute of each symbol: as many questions as it takes to name all. */
export function latestBars(symbols: readonly string[]): Question[] {
  return groupsOf(symbols).map((group) => ({
    path: '/v1/bars/latest',
    parameters: { symbols: group.join(','), ...TEXT },
  }))
}

/** All symbols, and since when each has bars. */
export const ALL_SYMBOLS: Question = { path: '/v1/symbols', parameters: { limit: MOST_ENTRIES } }

/** Symbols in groups that one request may name. */
export function groupsOf(symbols: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(symbols.length / MOST_NAMED) }, (_, group) =>
    symbols.slice(group * MOST_NAMED, (group + 1) * MOST_NAMED),
  )
}

/** Where a question is asked; parameters without a value are left out. */
export function addressOf({ path, parameters = {} }: Question): string {
  const entries = Object.entries(parameters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  const query = new URLSearchParams(entries).toString()
  return query === '' ? path : `${path}?${query}`
}
