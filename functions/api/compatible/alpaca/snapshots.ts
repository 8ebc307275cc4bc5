import { z } from '@hono/zod-openapi'

import { symbolParameter, symbolsParameter } from '../../http/parameters.ts'
import { readSnapshots, type Snapshot } from '../../market/snapshots.ts'
import { NotThereError } from '../compatible.ts'
import { alpacaBar, alpacaEndpoint, ofAlpacaOnly } from './alpaca.ts'

const ZONE = 'America/New_York'

/** The newest bars of each stock. */
export const alpacaSnapshots = alpacaEndpoint({
  path: '/v2/stocks/snapshots',
  parameters: z.object({ symbols: symbolsParameter, ...ofAlpacaOnly }),
  read: async ({ symbols }, call) => {
    const found = await readSnapshots(call, { symbols, zone: ZONE })
    return Object.fromEntries(found.map((snapshot) => [snapshot.minute.symbol, view(snapshot)]))
  },
})

/** The newest bars of one stock. */
export const alpacaSnapshot = alpacaEndpoint({
  path: '/v2/stocks/{symbol}/snapshot',
  parameters: z.object({ symbol: symbolParameter, ...ofAlpacaOnly }),
  read: async ({ symbol }, call) => {
    const [snapshot] = await readSnapshots(call, { symbols: [symbol], zone: ZONE })
    if (snapshot === undefined) throw new NotThereError(`no snapshot found for ${symbol}`)
    return { symbol, ...view(snapshot) }
  },
})

/** Without `latestTrade` and `latestQuote`: the API has neither. */
function view({ minute, day, previousDay }: Snapshot) {
  return {
    minuteBar: alpacaBar(minute),
    ...(day && { dailyBar: alpacaBar(day) }),
    ...(previousDay && { prevDailyBar: alpacaBar(previousDay) }),
  }
}
