import { alpacaCrypto, alpacaIex, alpacaSip } from './alpaca.ts'
import { binance, binanceAggregate } from './binance.ts'
import { coinbase } from './coinbase.ts'
import { kraken } from './kraken.ts'
import { massiveCrypto, massiveStocks } from './massive.ts'
import type { Venue } from './venue.ts'

const ALL: readonly Venue[] = [
  kraken,
  coinbase,
  binance,
  binanceAggregate,
  alpacaIex,
  alpacaSip,
  alpacaCrypto,
  massiveStocks,
  massiveCrypto,
]

/** The venues that can be fed from, by name. */
export const VENUES: ReadonlyMap<string, Venue> = new Map(ALL.map((venue) => [venue.name, venue]))
