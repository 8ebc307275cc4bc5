import type { Context } from 'hono'

import { ALPACA } from './alpaca/alpaca.ts'
import { alpacaBars, alpacaBarsOfSymbol, alpacaCryptoBars } from './alpaca/bars.ts'
import { alpacaLatestBar, alpacaLatestBars, alpacaLatestCryptoBars } from './alpaca/latest-bars.ts'
import { alpacaMostActives, alpacaMovers } from './alpaca/screener.ts'
import { alpacaSnapshot, alpacaSnapshots } from './alpaca/snapshots.ts'
import { type Compatible, noSuchPath } from './compatible.ts'
import { massiveAggregates } from './massive/aggregates.ts'
import { massiveGroupedDays, massiveOpenClose, massivePreviousDay } from './massive/days.ts'
import { massiveIndicators, massiveMacd } from './massive/indicators.ts'
import { MASSIVE } from './massive/massive.ts'
import { massiveMarketStatus, massiveTickers } from './massive/reference.ts'
import { massiveMovers, massiveSnapshot, massiveSnapshots } from './massive/snapshots.ts'

/** The paths of other vendors' APIs that are answered in their shapes; docs/clients.md lists them. Of two that match, the first. */
export const COMPATIBLE: readonly Compatible[] = [
  alpacaBars,
  alpacaBarsOfSymbol,
  alpacaCryptoBars,
  alpacaLatestBars,
  alpacaLatestBar,
  alpacaLatestCryptoBars,
  alpacaSnapshots,
  alpacaSnapshot,
  alpacaMovers,
  alpacaMostActives,
  massiveAggregates,
  massivePreviousDay,
  massiveGroupedDays,
  massiveOpenClose,
  massiveSnapshots,
  massiveSnapshot,
  massiveMovers,
  ...massiveIndicators,
  massiveMacd,
  massiveTickers,
  massiveMarketStatus,
]

const OF_ALPACA = ['/v2/stocks/*', '/v1beta1/*', '/v1beta3/*']
const OF_MASSIVE = ['/v2/aggs/*', '/v2/snapshot/*', '/v2/last/*', '/v3/*']

/** Where what is not there is told in the vendor's shape. */
export const NO_SUCH_PATHS: readonly {
  readonly path: string
  readonly answer: (context: Context) => Response
}[] = [
  ...OF_ALPACA.map((path) => ({ path, answer: noSuchPath(ALPACA) })),
  ...OF_MASSIVE.map((path) => ({ path, answer: noSuchPath(MASSIVE) })),
]
