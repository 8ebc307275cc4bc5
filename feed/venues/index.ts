import { binance, binanceAggregate } from './binance.ts'
import { coinbase } from './coinbase.ts'
import { kraken } from './kraken.ts'
import type { Venue } from './venue.ts'

/** The venues that can be fed from, by name. */
export const VENUES: ReadonlyMap<string, Venue> = new Map(
  [kraken, coinbase, binance, binanceAggregate].map((venue) => [venue.name, venue]),
)
