import {
  addressOf,
  ALL_SYMBOLS,
  BARS_AT_A_TIME,
  latestBars,
  newestBars,
  type Question,
} from './api/addresses.ts'
import { CONFIG, hasCookie } from './state/page-origin.ts'
import { readPlace } from './state/url-state.ts'
import { followedSymbols, keptWatchlists, shownList } from './state/watchlists.ts'

// Runs before the script of the page: what that will ask for first is on its way while the browser loads and compiles it.
for (const question of firstQuestions()) preload(addressOf(question))

/** What the first view shows: the chart and the prices of the list, or of whoever keeps no list, which symbols there are. */
function firstQuestions(): readonly Question[] {
  // Who signs in at an issuer gets the token for such a request later.
  if (!hasCookie()) return [CONFIG]
  const { place } = readPlace(location.hash)
  const { symbols } = shownList(keptWatchlists())
  const { timeframe, zone, asof } = place
  const symbol = place.symbol ?? symbols[0]
  if (symbol === undefined) return [ALL_SYMBOLS]
  const query = { symbol, timeframe, zone, asof: asof ?? undefined, limit: BARS_AT_A_TIME }
  return [newestBars(query), ...latestBars(followedSymbols(symbols, symbol))]
}

/** The browser gives its answer to the first request of the page for the same address. */
function preload(address: string): void {
  const link = document.createElement('link')
  link.rel = 'preload'
  link.as = 'fetch'
  link.crossOrigin = 'anonymous'
  link.href = address
  document.head.append(link)
}
