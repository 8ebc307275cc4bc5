import * as z from 'zod'

import { ALL_SYMBOLS } from '../../functions/broadcaster/subscriptions.ts'
import { getFromApi, type RestApi } from '../stage/deployed-api.ts'
import type { Bar } from './updates.ts'

/** Whether the API takes a key; `unavailable` where it does not say. */
export type KeyCheck = 'taken' | 'refused' | 'unavailable'

const TIMEOUT_MS = 10_000

/** What a header can be; API Gateway has no other keys. */
const KEY = /^[\x21-\x7e]{1,256}$/

/** Answers 400 to a key that the API takes, without asking the database. */
const CHECK_PATH = '/v1/bars/latest'

/** Asks the API whether it takes a key. */
export async function checkKey(url: string, key: string): Promise<KeyCheck> {
  if (!KEY.test(key)) return 'refused'
  try {
    const { status, body } = await get({ url, key }, CHECK_PATH)
    await body?.cancel()
    if (status === 401 || status === 403) return 'refused'
    return status === 429 || status >= 500 ? 'unavailable' : 'taken'
  } catch {
    return 'unavailable'
  }
}

const decimal = z.string()
const barSchema = z
  .object({
    t: z.string(),
    o: decimal,
    h: decimal,
    l: decimal,
    c: decimal,
    v: decimal,
    n: z.int(),
    vw: decimal.nullable(),
    rev: z.int(),
  })
  .transform(({ t, o, h, l, c, v, n, vw, rev }) => ({
    type: 'bar' as const,
    timestamp: t,
    revision: rev,
    open: o,
    high: h,
    low: l,
    close: c,
    volume: v,
    vwap: vw,
    trade_count: n,
  }))
const nextPage = { next_page_token: z.string().nullable() }
const barsSchema = z.object({ bars: z.record(z.string(), z.array(barSchema)), ...nextPage })
const symbolsSchema = z.object({ symbols: z.array(z.object({ symbol: z.string() })), ...nextPage })

const SYMBOLS_PER_REQUEST = 100
const LIMIT = '10000'

/**
 * The 1-minute bars of some symbols from a time on, page by page.
 *
 * @param symbols `*` for all
 * @param start Unix milliseconds
 * @throws Error when the API does not give them
 */
export async function* readBars(
  api: RestApi,
  { symbols, start }: { readonly symbols: ReadonlySet<string>; readonly start: number },
): AsyncGenerator<readonly Bar[]> {
  const names = symbols.has(ALL_SYMBOLS) ? await allSymbols(api) : [...symbols]
  const from = new Date(start).toISOString()
  for (let at = 0; at < names.length; at += SYMBOLS_PER_REQUEST) {
    const some = names.slice(at, at + SYMBOLS_PER_REQUEST).join(',')
    const query = { symbols: some, start: from, limit: LIMIT, numbers: 'string' }
    for await (const { bars } of pages(api, '/v1/bars', { query, schema: barsSchema }))
      yield Object.entries(bars).flatMap(([symbol, list]) => list.map((bar) => ({ ...bar, symbol })))
  }
}

async function allSymbols(api: RestApi): Promise<readonly string[]> {
  const names: string[] = []
  const asked = { query: { limit: LIMIT }, schema: symbolsSchema }
  for await (const { symbols } of pages(api, '/v1/symbols', asked))
    names.push(...symbols.map(({ symbol }) => symbol))
  return names
}

async function* pages<Page extends { readonly next_page_token: string | null }>(
  api: RestApi,
  path: string,
  { query, schema }: { readonly query: Readonly<Record<string, string>>; readonly schema: z.ZodType<Page> },
): AsyncGenerator<Page> {
  for (let token: string | null = ''; token !== null;) {
    const asked = new URLSearchParams({ ...query, ...(token !== '' && { page_token: token }) })
    const answer = await get(api, `${path}?${asked.toString()}`)
    if (!answer.ok) throw new Error(`${path} is answered with ${answer.status}`)
    const page: Page = schema.parse(await answer.json())
    yield page
    token = page.next_page_token
  }
}

function get(api: RestApi, path: string): Promise<Response> {
  return getFromApi(api, path, { accept: 'application/json', timeoutMs: TIMEOUT_MS })
}
