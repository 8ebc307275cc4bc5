import { z } from '@hono/zod-openapi'

import type { AdjustmentName } from '../../../domain/adjustment.ts'
import type { BarRow } from '../../bars/bar-row.ts'
import { startOfDay, timeIn, type TimeZone } from '../../bars/timeframes.ts'
import type { Arrival } from '../../http/api-gateway.ts'
import { NUMBER_FORMATS } from '../../http/numbers.ts'
import { DAY_MS, EARLIEST, LATEST } from '../../http/times.ts'
import { endpointsOf, type Vendor } from '../compatible.ts'

const CURSOR = 'the next_url of the page before, as it is'
/** What Massive calls the parameters of this API's own reads. */
const NAMES: Readonly<Record<string, string>> = { page_token: 'cursor', start: 'from', end: 'to' }

/** Massive's (formerly Polygon's) way to answer; https://massive.com/docs/rest/stocks/overview */
export const MASSIVE: Vendor = {
  // The key, a choice among its own tickers, and what a client says in the query again.
  ignored: ['apiKey', 'include_otc', 'locale', 'market_type'],
  errorOf: ({ status, message }, { requestId }) =>
    status === 404
      ? { status: 'NOT_FOUND', request_id: requestId, message }
      : { status: 'ERROR', request_id: requestId, error: message },
  renamed: ({ parameter, value, allowed }) => ({
    parameter: NAMES[parameter] ?? parameter,
    value,
    allowed: parameter === 'page_token' ? CURSOR : allowed,
  }),
}

/** An endpoint of Massive's REST API. */
export const massiveEndpoint = endpointsOf(MASSIVE)

/** What every answer has. */
export function envelope({ requestId }: Arrival) {
  return { status: 'OK', request_id: requestId }
}

/** What every answer of bars has beside. */
export function resultsOf<Result>(results: readonly Result[], adjusted: string) {
  return { adjusted: adjusted === 'true', resultsCount: results.length, results }
}

/** Whether bars are adjusted by splits. Massive's default is another, and its answers say which they have. */
export const adjustedParameter = z
  .enum(['true', 'false'], 'true or false; false where it is not given, and the answer says so')
  .default('false')

/** The same as a name of this API. */
export function adjustmentFor(adjusted: 'true' | 'false'): AdjustmentName {
  return adjusted === 'true' ? 'split' : 'raw'
}

/** What indicators are computed of. */
export const unadjustedParameter = z
  .literal('false', 'false, or none: indicators are computed of prices as they were traded')
  .optional()

export const cursorParameter = z.string().min(1, CURSOR).optional()

/** Tickers of pairs and currencies have days of UTC, others those of New York. */
export function zoneOf(ticker: string): TimeZone {
  return /^[XC]:|\//.test(ticker) ? 'UTC' : 'America/New_York'
}

const DAY = /^\d{4}-\d\d-\d\d$/
const DAY_ALLOWED = 'a day such as 2025-11-10'
const TIME_ALLOWED = `${DAY_ALLOWED} or Unix milliseconds such as 1762785000000, from 1900 to 2199`

/** A day, as text. */
export const dayParameter = z.iso
  .date(DAY_ALLOWED)
  .refine((text) => Date.parse(text) >= EARLIEST && Date.parse(text) < LATEST, DAY_ALLOWED)

/** A day or Unix milliseconds, as text. */
export const timeParameter = z.string().refine((text) => {
  const time = DAY.test(text) ? Date.parse(text) : /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  return time >= EARLIEST && time < LATEST
}, TIME_ALLOWED)

/** The first and the last millisecond that a day or a time means. */
export function spanOf(zone: TimeZone, text: string): { readonly first: number; readonly last: number } {
  if (!DAY.test(text)) return { first: Number(text), last: Number(text) }
  const first = timeIn(zone, text)
  // A day of New York has up to 25 hours.
  return { first, last: startOfDay(zone, first + DAY_MS + DAY_MS / 2) - 1 }
}

/** A bar as Massive has it: without a volume-weighted price where there is none. */
export function massiveBar(row: BarRow) {
  return { ...pricesOf(row), t: row.time * 1000, n: row.trade_count }
}

/** The same without its time and trades. */
export function pricesOf(row: BarRow) {
  const { number } = NUMBER_FORMATS
  return {
    v: number(row.volume),
    ...(row.vwap !== null && { vw: number(row.vwap) }),
    o: number(row.open),
    c: number(row.close),
    h: number(row.high),
    l: number(row.low),
  }
}

/** The address of a page: that of the request, with where to go on. */
export function nextUrl(
  { base }: Arrival,
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
): string {
  const given = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) given.append(name, String(value))
  return `${base}${path}?${given.toString()}`
}
