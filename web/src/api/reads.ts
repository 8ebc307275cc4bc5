import type * as z from 'zod/mini'

import type { Bar } from '../market/bar.ts'
import type { Revision } from '../market/corrections.ts'
import type { Pattern } from '../market/patterns.ts'
import type { Zone } from '../market/timeframes.ts'
import { request } from './request.ts'
import {
  barsOfSymbolSchema,
  barsSchema,
  breadthSchema,
  healthSchema,
  indicatorNamesSchema,
  indicatorsSchema,
  type IndicatorMinute,
  latestBarsSchema,
  moversSchema,
  patternsSchema,
  revisionsSchema,
  symbolsSchema,
} from './schemas.ts'

/** The API keeps no earlier time. */
const FIRST_TIME = '1980-01-01T00:00:00Z'
/** Symbols that one request may name. */
const MOST_NAMED = 100
/** Decimals as text, which loses no digit. */
const TEXT = { numbers: 'string' }
const MOST_ENTRIES = '10000'
/** A page may end early; a list of many is read in so many pages at the most. */
const MOST_PAGES = 50

type Page = { readonly next_page_token: string | null }
type Parameters = Readonly<Record<string, string | undefined>>
type Asked<Answer> = {
  readonly path: string
  readonly schema: z.ZodMiniType<Answer>
  readonly parameters: Parameters
  readonly signal?: AbortSignal | undefined
}

/** Reads pages until there are no more, or enough. */
async function readPages<Answer extends Page>(
  { path, schema, parameters, signal }: Asked<Answer>,
  isEnough: (pages: readonly Answer[]) => boolean = () => false,
): Promise<{ readonly pages: readonly Answer[]; readonly hasMore: boolean }> {
  const pages: Answer[] = []
  let token: string | null = null
  do {
    const all: Parameters = { ...parameters, page_token: token ?? undefined }
    const page: Answer = await request(path, { schema, parameters: all, signal })
    pages.push(page)
    token = page.next_page_token
  } while (token !== null && pages.length < MOST_PAGES && !isEnough(pages))
  return { pages, hasMore: token !== null }
}

export type BarsQuery = {
  readonly symbol: string
  readonly timeframe: string
  readonly zone: Zone
  readonly start?: string | undefined
  readonly end?: string | undefined
  readonly asof?: string | undefined
  readonly limit: number
  readonly signal?: AbortSignal
}

/** The newest bars of a symbol, as many as the limit says, and whether there are earlier ones. */
export async function readNewestBars(
  query: BarsQuery,
): Promise<{ readonly bars: Bar[]; readonly hasMore: boolean }> {
  const { symbol, timeframe, zone, start = FIRST_TIME, end, asof, limit, signal } = query
  const parameters = { ...TEXT, timeframe, tz: zone, start, end, asof, sort: 'desc', limit: String(limit) }
  const path = `/v1/bars/${encodeURIComponent(symbol)}`
  const { pages, hasMore } = await readPages(
    { path, schema: barsOfSymbolSchema, parameters, signal },
    (read) => read.reduce((sum, { bars }) => sum + bars.length, 0) >= limit,
  )
  return { bars: pages.flatMap(({ bars }) => bars), hasMore }
}

/** Bars of many symbols, oldest first. */
export async function readBars(
  symbols: readonly string[],
  parameters: Parameters,
): Promise<ReadonlyMap<string, readonly Bar[]>> {
  const found = new Map<string, Bar[]>()
  for (let from = 0; from < symbols.length; from += MOST_NAMED) {
    const named = symbols.slice(from, from + MOST_NAMED).join(',')
    const asked = {
      path: '/v1/bars',
      schema: barsSchema,
      parameters: { ...TEXT, ...parameters, symbols: named, limit: MOST_ENTRIES },
    }
    const { pages } = await readPages(asked)
    for (const { bars } of pages)
      for (const [symbol, some] of Object.entries(bars))
        found.set(symbol, [...(found.get(symbol) ?? []), ...some])
  }
  return found
}

/** The newest minute of each symbol, however long ago it was. */
export async function readLatestBars(symbols: readonly string[]): Promise<ReadonlyMap<string, Bar>> {
  const found = new Map<string, Bar>()
  for (let from = 0; from < symbols.length; from += MOST_NAMED) {
    const parameters = { symbols: symbols.slice(from, from + MOST_NAMED).join(','), ...TEXT }
    const { bars } = await request('/v1/bars/latest', { schema: latestBarsSchema, parameters })
    for (const [symbol, bar] of Object.entries(bars)) found.set(symbol, bar)
  }
  return found
}

export type Range = { readonly start: string; readonly end?: string | undefined }

export async function readRevisions(symbol: string, range: Range, signal?: AbortSignal): Promise<Revision[]> {
  const path = `/v1/bars/${encodeURIComponent(symbol)}/revisions`
  const parameters = { ...TEXT, ...range, limit: MOST_ENTRIES }
  const { pages } = await readPages({ path, schema: revisionsSchema, parameters, signal })
  return pages.flatMap(({ revisions }) => revisions)
}

export async function readIndicators(
  symbol: string,
  { names, ...range }: Range & { readonly names?: readonly string[] },
  signal?: AbortSignal,
): Promise<IndicatorMinute[]> {
  const path = `/v1/indicators/${encodeURIComponent(symbol)}`
  const parameters = { ...TEXT, ...range, names: names?.join(','), form: 'wide', limit: '5000' }
  const { pages } = await readPages({ path, schema: indicatorsSchema, parameters, signal })
  return pages.flatMap(({ indicators }) => indicators)
}

/** Which indicators a symbol has now. */
export async function readIndicatorNames(symbol: string, signal?: AbortSignal): Promise<readonly string[]> {
  const { indicators } = await request('/v1/indicators/latest', {
    schema: indicatorNamesSchema,
    parameters: { symbols: symbol },
    signal,
  })
  return (indicators[symbol] ?? []).map(({ name }) => name)
}

/** Patterns, newest first. */
export async function readPatterns(
  asked: Range & { readonly symbols?: string; readonly limit: string },
  signal?: AbortSignal,
): Promise<Pattern[]> {
  const most = Number(asked.limit)
  const parameters = { ...TEXT, ...asked }
  const { pages } = await readPages(
    { path: '/v1/patterns', schema: patternsSchema, parameters, signal },
    (read) => read.reduce((sum, { patterns }) => sum + patterns.length, 0) >= most,
  )
  return pages.flatMap(({ patterns }) => patterns)
}

/** All symbols in alphabetical order, with the Unix seconds of their first bars. */
export async function readSymbols(): Promise<ReadonlyMap<string, number>> {
  const { pages } = await readPages({
    path: '/v1/symbols',
    schema: symbolsSchema,
    parameters: { limit: MOST_ENTRIES },
  })
  return new Map(pages.flatMap(({ symbols }) => symbols.map(({ symbol, first }) => [symbol, first])))
}

export function readMovers(zone: Zone) {
  return request('/v1/movers', { schema: moversSchema, parameters: { top: '10', tz: zone, ...TEXT } })
}

export function readBreadth(zone: Zone) {
  return request('/v1/breadth', { schema: breadthSchema, parameters: { tz: zone } })
}

export function readHealth() {
  return request('/v1/health', { schema: healthSchema, alsoStatus: 503 })
}
