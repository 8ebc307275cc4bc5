import { z } from '@hono/zod-openapi'

import { isAnyOpen, isOff } from '../../../shared/runtime/trading-hours.ts'
import { timeText } from '../../http/time-text.ts'
import { selectLatest } from '../../bars/latest-bars.ts'
import { symbolParameter, wholeNumber } from '../../http/parameters.ts'
import { readSymbols } from '../../market/read-symbols.ts'
import { pageTokens, placeSymbol } from '../../page/page-token.ts'
import { type Call, NotThereError } from '../compatible.ts'
import { cursorParameter, envelope, massiveEndpoint, nextUrl } from './massive.ts'

const PATH = '/v3/reference/tickers'
const tokens = pageTokens(['tickers'], placeSymbol)

/** All tickers that have bars. */
export const massiveTickers = massiveEndpoint({
  path: PATH,
  parameters: z.object({
    ticker: symbolParameter.optional(),
    'ticker.gt': symbolParameter.optional(),
    active: z.literal('true', 'true, or none: those that have bars').optional(),
    sort: z.literal('ticker', 'ticker').optional(),
    order: z.literal('asc', 'asc').optional(),
    limit: wholeNumber({ max: 1000, fallback: 100, allowed: 'a whole number from 1 to 1000' }),
    cursor: cursorParameter,
  }),
  read: async ({ ticker, 'ticker.gt': above, limit, cursor }, call) => {
    const after = cursor === undefined ? above : tokens.decode(cursor)
    const { found, next } =
      ticker === undefined ? await readSymbols(call, { after, limit }) : await one(ticker, call)
    return {
      results: found.map(({ symbol, last }) => ({ ticker: symbol, last_updated_utc: timeText(last) })),
      ...envelope(call.arrival),
      count: found.length,
      ...(next !== undefined && {
        next_url: nextUrl(call.arrival, PATH, { limit, cursor: tokens.encode(next) }),
      }),
    }
  },
})

async function one(ticker: string, call: Call) {
  const found = (await selectLatest(call, [ticker])).map(({ symbol, time }) => ({ symbol, last: time }))
  return { found, next: undefined }
}

/** Whether trades are expected now. */
export const massiveMarketStatus = massiveEndpoint({
  path: '/v1/marketstatus/now',
  parameters: z.object({}),
  read: async (_given, { tradingHours, now }) => {
    if (isOff(tradingHours)) throw new NotThereError('no hours are known: the config key tradingHours is off')
    const time = now()
    return {
      market: isAnyOpen(tradingHours, time) ? 'open' : 'closed',
      serverTime: timeText(Math.floor(time / 1000)),
    }
  },
})
