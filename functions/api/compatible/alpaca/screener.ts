import { z } from '@hono/zod-openapi'

import { timeText } from '../../http/time-text.ts'
import { NUMBER_FORMATS } from '../../http/numbers.ts'
import { wholeNumber } from '../../http/parameters.ts'
import { mostActive } from '../../market/most-active.ts'
import { type Mover, readMovers } from '../../market/movers.ts'
import { findSession, type Session } from '../../market/session.ts'
import type { Call } from '../compatible.ts'
import { alpacaEndpoint } from './alpaca.ts'

const ZONES = { stocks: 'America/New_York', crypto: 'UTC' } as const

/** What rose and fell most since the day began. */
export const alpacaMovers = alpacaEndpoint({
  path: '/v1beta1/screener/{market}/movers',
  parameters: z.object({ market: z.enum(['stocks', 'crypto'], 'stocks or crypto'), top: top(50) }),
  read: async ({ market, top: most }, call) => {
    const session = await findSession(call.database, ZONES[market])
    const rows = session ? await readMovers(call.database, session, most) : []
    const onSide = (side: Mover['side']) => rows.filter((row) => row.side === side).map(view)
    return {
      gainers: onSide('gainers'),
      losers: onSide('losers'),
      market_type: market,
      last_updated: lastUpdated(session, call),
    }
  },
})

/** What was traded most since the day began. */
export const alpacaMostActives = alpacaEndpoint({
  path: '/v1beta1/screener/stocks/most-actives',
  parameters: z.object({
    by: z.enum(['volume', 'trades'], 'volume or trades').default('volume'),
    top: top(100),
  }),
  read: async ({ by, top: most }, call) => {
    const session = await findSession(call.database, ZONES.stocks)
    const rows = session ? await mostActive(call.database, session, { by, top: most }) : []
    return {
      most_actives: rows.map(({ symbol, volume, trade_count }) => ({
        symbol,
        volume: NUMBER_FORMATS.number(volume),
        trade_count,
      })),
      last_updated: lastUpdated(session, call),
    }
  },
})

function top(max: number) {
  return wholeNumber({ max, fallback: 10, allowed: `a whole number from 1 to ${max}` })
}

function view({ symbol, price, change, percent_change: percent }: Mover) {
  const { number } = NUMBER_FORMATS
  return { symbol, percent_change: number(percent), change: number(change), price: number(price) }
}

/** The newest minute; without one, what is known now is that there is nothing. */
function lastUpdated(session: Session | undefined, { now }: Call): string {
  return timeText(Math.floor((session?.newest ?? now()) / 1000))
}
