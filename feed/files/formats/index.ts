import type { Format } from '../format.ts'
import { alpaca } from './alpaca.ts'
import { binanceAggregates, binanceTrades } from './binance.ts'
import { coinbase } from './coinbase.ts'
import { databento } from './databento.ts'
import { kraken } from './kraken.ts'
import { lean } from './lean.ts'
import { massive } from './massive.ts'
import { own } from './own.ts'
import { tardis } from './tardis.ts'

/** All formats, in the order in which they are tried: the general one last. */
export const FORMATS: readonly Format[] = [
  binanceTrades,
  binanceAggregates,
  lean,
  kraken,
  massive,
  databento,
  tardis,
  alpaca,
  coinbase,
  own,
]
