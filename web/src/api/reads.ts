import type * as z from 'zod/mini'

import type { Bar } from '../market/bar.ts'
import type { Revision } from '../market/corrections.ts'
import type { Pattern } from '../market/patterns.ts'
import type { Zone } from '../market/timeframes.ts'
import {
  ALL_SYMBOLS,
  type BarsQuery,
  groupsOf,
  latestBars,
  MOST_ENTRIES,
  newestBars,
  type Question,
  TEXT,
} from './addresses.ts'
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

/** A page may end early; a list of many is read in so many pages at the most. */
const MOST_PAGES = 50

type Page = { readonly next_page_token: string | null }
type Parameters = Readonly<Record<string, string | undefined>>
type Asked<Answer> = Question & {
  readonly schema: z.ZodMiniType<Answer>
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

/** The newest bars of a symbol, as many as the limit says, and whether there are earlier ones. */
export async function readNewestBars(
  query: BarsQuery & { readonly signal?: AbortSignal },
): Promise<{ readonly bars: Bar[]; readonly hasMore: boolean }> {
  const { pages, hasMore } = await readPages(
    { ...newestBars(query), schema: barsOfSymbolSchema, signal: query.signal },
    (read) => read.reduce((sum, { bars }) => sum + bars.length, 0) >= query.limit,
  )
  return { bars: pages.flatMap(({ bars }) => bars), hasMore }
}

/** Bars of many symbols, oldest first. */
export async function readBars(
  symbols: readonly string[],
  parameters: Parameters,
): Promise<ReadonlyMap<string, readonly Bar[]>> {
  const found = new Map<string, Bar[]>()
  for (const group of groupsOf(symbols)) {
    const asked = {
      path: '/v1/bars',
      schema: barsSchema,
      parameters: { ...TEXT, ...parameters, symbols: group.join(','), limit: MOST_ENTRIES },
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
  for (const { path, parameters = {} } of latestBars(symbols)) {
    const { bars } = await request(path, { schema: latestBarsSchema, parameters })
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
    ...ALL_SYMBOLS,
    schema: symbolsSchema,
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
