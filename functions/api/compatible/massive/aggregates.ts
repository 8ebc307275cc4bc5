import { z } from '@hono/zod-openapi'

import { type Timeframe, timeframeOf, type Unit } from '../../../domain/calendar/timeframe.ts'
import { answerBars } from '../../bars/answer-bars.ts'
import { barParameters } from '../../bars/bar-parameters.ts'
import { NUMBER_FORMATS } from '../../http/numbers.ts'
import { symbolParameter, wholeNumber } from '../../http/parameters.ts'
import { BadRequestError } from '../../http/problem.ts'
import {
  adjustedParameter,
  adjustmentFor,
  cursorParameter,
  envelope,
  massiveBar,
  massiveEndpoint,
  nextUrl,
  resultsOf,
  spanOf,
  timeParameter,
  zoneOf,
} from './massive.ts'

/** Massive counts the minutes of which bars are made, and takes so many. */
const MOST_ASKED = 50_000
const MOST_BARS = 10_000

/** The units of this API by Massive's names, and how many of the smaller is one of Massive's. */
const UNITS: Readonly<Record<string, { readonly unit: Unit; readonly count: number }>> = {
  minute: { unit: 'minute', count: 1 },
  hour: { unit: 'hour', count: 1 },
  day: { unit: 'day', count: 1 },
  week: { unit: 'week', count: 1 },
  month: { unit: 'month', count: 1 },
  quarter: { unit: 'month', count: 3 },
  year: { unit: 'month', count: 12 },
}
const TIMEFRAMES_ALLOWED =
  '1 to 59 minute, 1 to 23 hour, 1 day, 1 week, 1, 2, 3, 4, 6 or 12 month, 1, 2 or 4 quarter, 1 year'

/** Bars of one ticker. */
export const massiveAggregates = massiveEndpoint({
  path: '/v2/aggs/ticker/{ticker}/range/{multiplier}/{timespan}/{from}/{to}',
  parameters: z.object({
    ticker: symbolParameter,
    multiplier: z.string(),
    timespan: z.string(),
    from: timeParameter,
    to: timeParameter,
    adjusted: adjustedParameter,
    sort: barParameters.sort,
    limit: wholeNumber({
      max: MOST_ASKED,
      fallback: 5000,
      allowed: `a whole number from 1 to ${MOST_ASKED}`,
    }),
    cursor: cursorParameter,
  }),
  read: async ({ ticker, multiplier, timespan, from, to, adjusted, sort, limit, cursor }, call) => {
    const zone = zoneOf(ticker)
    const given = {
      timeframe: timeframeIn(multiplier, timespan),
      tz: zone,
      session: 'all' as const,
      fill: 'none' as const,
      adjustment: adjustmentFor(adjusted),
      start: new Date(spanOf(zone, from).first).toISOString(),
      end: new Date(spanOf(zone, to).last).toISOString(),
      asof: undefined,
      sort,
      limit: Math.min(limit, MOST_BARS),
      page_token: cursor,
      numbers: NUMBER_FORMATS.number,
    }
    const names = [ticker, multiplier, timespan, from, to].map(encodeURIComponent)
    const path = `/v2/aggs/ticker/${names[0]}/range/${names.slice(1).join('/')}`
    const { json } = await answerBars([ticker], given, {
      sources: call,
      shape: (rows, next) => ({
        ticker,
        ...resultsOf(rows.map(massiveBar), adjusted),
        ...envelope(call.arrival),
        count: rows.length,
        ...(next !== null && {
          next_url: nextUrl(call.arrival, path, { adjusted, sort, limit, cursor: next }),
        }),
      }),
    })
    return json()
  },
})

/** @throws BadRequestError where there are no such bars */
export function timeframeIn(multiplier: string, timespan: string): Timeframe {
  const found = Object.hasOwn(UNITS, timespan) ? UNITS[timespan] : undefined
  const count = /^[1-9]\d{0,3}$/.test(multiplier) ? Number(multiplier) : Number.NaN
  const timeframe = found && (wholeHours(count, found.unit) ?? timeframeOf(count * found.count, found.unit))
  if (timeframe !== undefined) return timeframe
  throw new BadRequestError([
    {
      parameter: 'multiplier and timespan',
      value: `${multiplier} ${timespan}`,
      allowed: TIMEFRAMES_ALLOWED,
    },
  ])
}

/** Programs ask for 240 minutes, too. */
function wholeHours(minutes: number, unit: Unit): Timeframe | undefined {
  return unit === 'minute' && minutes % 60 === 0 ? timeframeOf(minutes / 60, 'hour') : undefined
}
