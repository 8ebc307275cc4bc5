import type { Context } from 'hono'

import { ALPACA } from './alpaca/alpaca.ts'
import { alpacaBars, alpacaBarsOfSymbol, alpacaCryptoBars } from './alpaca/bars.ts'
import { alpacaLatestBar, alpacaLatestBars, alpacaLatestCryptoBars } from './alpaca/latest-bars.ts'
import { alpacaMostActives, alpacaMovers } from './alpaca/screener.ts'
import { alpacaSnapshot, alpacaSnapshots } from './alpaca/snapshots.ts'
import { type Compatible, noSuchPath } from './compatible.ts'

/** The paths of other vendors' APIs that are answered in their shapes; docs/clients.md lists them. */
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
]

/** Where what is not there is told in the vendor's shape. */
export const NO_SUCH_PATHS: readonly {
  readonly path: string
  readonly answer: (context: Context) => Response
}[] = ['/v2/stocks/*', '/v1beta1/*', '/v1beta3/*'].map((path) => ({ path, answer: noSuchPath(ALPACA) }))
