import { z } from '@hono/zod-openapi'

import { ONE_DAY } from '../../../domain/calendar/timeframe.ts'
import { adjustingOf } from '../../adjustment/adjusting.ts'
import { readFirstBar } from '../../bars/read-bars.ts'
import { startOfDay } from '../../bars/timeframes.ts'
import { NUMBER_FORMATS } from '../../http/numbers.ts'
import { symbolParameter } from '../../http/parameters.ts'
import { EARLIEST } from '../../http/times.ts'
import { readDay } from '../../market/day-bars.ts'
import { NotThereError } from '../compatible.ts'
import {
  adjustedParameter,
  adjustmentFor,
  dayParameter,
  envelope,
  massiveBar,
  massiveEndpoint,
  resultsOf,
  spanOf,
  zoneOf,
} from './massive.ts'

/** The last day of a ticker before today. */
export const massivePreviousDay = massiveEndpoint({
  path: '/v2/aggs/ticker/{ticker}/prev',
  parameters: z.object({ ticker: symbolParameter, adjusted: adjustedParameter }),
  read: async ({ ticker, adjusted }, call) => {
    const zone = zoneOf(ticker)
    const adjustment = adjustmentFor(adjusted)
    const wanted = { adjustment, symbols: [ticker], since: EARLIEST, asof: undefined }
    const row = await readFirstBar(call, {
      symbols: [ticker],
      timeframe: ONE_DAY,
      zone,
      asof: undefined,
      from: EARLIEST,
      to: startOfDay(zone, call.now()),
      direction: 'desc',
      adjusting: await adjustingOf(call, wanted),
    })
    const results = row === undefined ? [] : [{ T: ticker, ...massiveBar(row) }]
    return {
      ticker,
      queryCount: results.length,
      ...resultsOf(results, adjusted),
      ...envelope(call.arrival),
      count: results.length,
    }
  },
})

/** A day of all tickers. */
export const massiveGroupedDays = massiveEndpoint({
  path: '/v2/aggs/grouped/locale/{locale}/market/{market}/{date}',
  parameters: z.object({
    locale: z.string(),
    market: z.enum(['stocks', 'crypto', 'fx'], 'stocks, crypto or fx'),
    date: dayParameter,
    adjusted: adjustedParameter,
  }),
  read: async ({ market, date, adjusted }, call) => {
    const zone = market === 'stocks' ? 'America/New_York' : 'UTC'
    const rows = await readDay(call, {
      zone,
      start: spanOf(zone, date).first,
      symbols: undefined,
      adjustment: adjustmentFor(adjusted),
    })
    const results = rows.map((row) => ({ T: row.symbol, ...massiveBar(row) }))
    return {
      queryCount: results.length,
      ...resultsOf(results, adjusted),
      ...envelope(call.arrival),
      count: results.length,
    }
  },
})

/** A day of one ticker. */
export const massiveOpenClose = massiveEndpoint({
  path: '/v1/open-close/{ticker}/{date}',
  parameters: z.object({ ticker: symbolParameter, date: dayParameter, adjusted: adjustedParameter }),
  read: async ({ ticker, date, adjusted }, call) => {
    const zone = zoneOf(ticker)
    const [row] = await readDay(call, {
      zone,
      start: spanOf(zone, date).first,
      symbols: [ticker],
      adjustment: adjustmentFor(adjusted),
    })
    if (row === undefined) throw new NotThereError(`no bar of ${ticker} on ${date}`)
    const { number } = NUMBER_FORMATS
    return {
      status: 'OK',
      from: date,
      symbol: ticker,
      open: number(row.open),
      high: number(row.high),
      low: number(row.low),
      close: number(row.close),
      volume: number(row.volume),
    }
  },
})
