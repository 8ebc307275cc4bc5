import { z } from '@hono/zod-openapi'

import { answerBars } from '../../bars/answer-bars.ts'
import type { BarParameters } from '../../bars/bar-parameters.ts'
import { bySymbol } from '../../bars/bars.ts'
import { startOfDay, type TimeZone } from '../../bars/timeframes.ts'
import { NUMBER_FORMATS } from '../../http/numbers.ts'
import { symbolParameter, symbolsParameter } from '../../http/parameters.ts'
import type { Call } from '../compatible.ts'
import { alpacaBar, alpacaEndpoint, ofAlpacaOnly, ofBars, ofStocks } from './alpaca.ts'

/** Bars of several stocks. */
export const alpacaBars = alpacaEndpoint({
  path: '/v2/stocks/bars',
  parameters: z.object({ symbols: symbolsParameter, ...ofBars, ...ofStocks }),
  read: ({ symbols, ...given }, call) => barsBySymbol(symbols, inZone('America/New_York', given, call), call),
})

/** Bars of one stock. */
export const alpacaBarsOfSymbol = alpacaEndpoint({
  path: '/v2/stocks/{symbol}/bars',
  parameters: z.object({ symbol: symbolParameter, ...ofBars, ...ofStocks }),
  read: async ({ symbol, ...given }, call) => {
    const { json } = await answerBars([symbol], inZone('America/New_York', given, call), {
      sources: call,
      shape: (rows, nextPageToken) => ({
        symbol,
        bars: rows.map(alpacaBar),
        next_page_token: nextPageToken,
      }),
    })
    return json()
  },
})

/** Bars of several pairs. */
export const alpacaCryptoBars = alpacaEndpoint({
  path: '/v1beta3/crypto/{loc}/bars',
  parameters: z.object({ loc: z.string(), symbols: symbolsParameter, ...ofBars, ...ofAlpacaOnly }),
  read: ({ symbols, ...given }, call) => barsBySymbol(symbols, inZone('UTC', given, call), call),
})

async function barsBySymbol(symbols: readonly string[], given: BarParameters, call: Call): Promise<unknown> {
  const { json } = await answerBars(symbols, given, {
    sources: call,
    shape: (rows, nextPageToken) => ({ bars: bySymbol(rows, alpacaBar), next_page_token: nextPageToken }),
  })
  return json()
}

type Given = Omit<BarParameters, 'tz' | 'asof' | 'session' | 'fill' | 'numbers' | 'adjustment'> &
  Partial<Pick<BarParameters, 'adjustment'>>

/** Alpaca begins with the current day, where no start is given, or with the day of the end. */
function inZone(
  zone: TimeZone,
  { timeframe, adjustment = 'raw', start, end, sort, limit, page_token }: Given,
  { now }: Call,
): BarParameters {
  return {
    timeframe,
    tz: zone,
    session: 'all',
    fill: 'none',
    adjustment,
    start: start ?? new Date(startOfDay(zone, end ?? now())).toISOString(),
    end,
    asof: undefined,
    sort,
    limit,
    page_token,
    numbers: NUMBER_FORMATS.number,
  }
}
