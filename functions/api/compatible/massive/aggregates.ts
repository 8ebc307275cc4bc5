import { z } from '@hono/zod-openapi'

import { answerBars } from '../../bars/answer-bars.ts'
import { barParameters } from '../../bars/bar-parameters.ts'
import { timeframeOf } from '../../bars/timeframes.ts'
import { NUMBER_FORMATS } from '../../http/numbers.ts'
import { symbolParameter, wholeNumber } from '../../http/parameters.ts'
import { BadRequestError } from '../../http/problem.ts'
import {
  adjustedParameter,
  cursorParameter,
  envelope,
  massiveBar,
  massiveEndpoint,
  nextUrl,
  spanOf,
  timeParameter,
  unadjusted,
  zoneOf,
} from './massive.ts'

/** Massive counts the minutes of which bars are made, and takes so many. */
const MOST_ASKED = 50_000
const MOST_BARS = 10_000

const UNITS: Readonly<Record<string, string>> = { minute: 'T', hour: 'H', day: 'D' }
const TIMEFRAMES_ALLOWED = '1, 5, 15 or 30 minute, 1 or 4 hour, 1 day'

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
        ...unadjusted(rows.map(massiveBar)),
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

const timeframes = barParameters.timeframe

function timeframeIn(multiplier: string, timespan: string): z.output<typeof timeframes> {
  const parsed = timeframes.safeParse(timeframeOf(`${multiplier}${UNITS[timespan] ?? timespan}`))
  if (parsed.success) return parsed.data
  throw new BadRequestError([
    {
      parameter: 'multiplier and timespan',
      value: `${multiplier} ${timespan}`,
      allowed: TIMEFRAMES_ALLOWED,
    },
  ])
}
