import { z } from '@hono/zod-openapi'

import { selectLatest } from '../../bars/latest-bars.ts'
import { symbolParameter, symbolsParameter } from '../../http/parameters.ts'
import { type Call, NotThereError } from '../compatible.ts'
import { alpacaBar, alpacaEndpoint, ofAlpacaOnly } from './alpaca.ts'

/** The newest bar of each stock. */
export const alpacaLatestBars = alpacaEndpoint({
  path: '/v2/stocks/bars/latest',
  parameters: z.object({ symbols: symbolsParameter, ...ofAlpacaOnly }),
  read: ({ symbols }, call) => latestBySymbol(symbols, call),
})

/** The newest bar of one stock. */
export const alpacaLatestBar = alpacaEndpoint({
  path: '/v2/stocks/{symbol}/bars/latest',
  parameters: z.object({ symbol: symbolParameter, ...ofAlpacaOnly }),
  read: async ({ symbol }, call) => {
    const [row] = await selectLatest(call, [symbol])
    if (row === undefined) throw new NotThereError(`no bar found for ${symbol}`)
    return { symbol, bar: alpacaBar(row) }
  },
})

/** The newest bar of each pair. */
export const alpacaLatestCryptoBars = alpacaEndpoint({
  path: '/v1beta3/crypto/{loc}/latest/bars',
  parameters: z.object({ loc: z.string(), symbols: symbolsParameter, ...ofAlpacaOnly }),
  read: ({ symbols }, call) => latestBySymbol(symbols, call),
})

async function latestBySymbol(symbols: readonly string[], call: Call): Promise<unknown> {
  const rows = await selectLatest(call, symbols)
  return { bars: Object.fromEntries(rows.map((row) => [row.symbol, alpacaBar(row)])) }
}
