import { z } from '@hono/zod-openapi'

import type { BarRow } from '../../bars/bar-row.ts'
import { NUMBER_FORMATS } from '../../http/numbers.ts'
import { listOf, symbolParameter } from '../../http/parameters.ts'
import { BadRequestError } from '../../http/problem.ts'
import { changeBetween } from '../../market/change.ts'
import { readMovers } from '../../market/movers.ts'
import { findSession } from '../../market/session.ts'
import { readSnapshots, type Snapshot } from '../../market/snapshots.ts'
import { allSymbols } from '../../market/all-symbols.ts'
import { isSymbol } from '../../../domain/trade.ts'
import { NotThereError } from '../compatible.ts'
import { envelope, massiveBar, massiveEndpoint, pricesOf } from './massive.ts'

/** As many as Massive gives. */
const MOVERS = 20
const MOST_TICKERS = 250
const TICKERS_ALLOWED = `1 to ${MOST_TICKERS} tickers with commas between them`

const ofMarket = {
  locale: z.string(),
  market: z.enum(['stocks', 'crypto', 'forex'], 'stocks, crypto or forex'),
}

/** What rose or fell most. */
export const massiveMovers = massiveEndpoint({
  path: '/v2/snapshot/locale/{locale}/markets/{market}/{direction}',
  parameters: z.object({
    ...ofMarket,
    direction: z.enum(['gainers', 'losers'], 'gainers, losers or tickers'),
  }),
  read: async ({ market, direction }, call) => {
    const zone = zoneOfMarket(market)
    const session = await findSession(call.database, zone)
    const moved = session ? await readMovers(call.database, session, MOVERS) : []
    const symbols = moved.flatMap(({ side, symbol }) => (side === direction ? [symbol] : []))
    const found = new Map(
      (await readSnapshots(call, { symbols, zone })).map((each) => [each.minute.symbol, each]),
    )
    // The most first, as they were moved.
    const tickers = symbols.flatMap((symbol) => {
      const snapshot = found.get(symbol)
      return snapshot === undefined ? [] : [view(snapshot)]
    })
    return { ...envelope(call.arrival), count: tickers.length, tickers }
  },
})

/** The newest bars of several tickers. */
export const massiveSnapshots = massiveEndpoint({
  path: '/v2/snapshot/locale/{locale}/markets/{market}/tickers',
  parameters: z.object({
    ...ofMarket,
    tickers: listOf(isSymbol, MOST_TICKERS, TICKERS_ALLOWED).optional(),
  }),
  read: async ({ market, tickers }, call) => {
    const zone = zoneOfMarket(market)
    const symbols = tickers ?? (await allSymbols(call.database, MOST_TICKERS + 1))
    if (symbols.length > MOST_TICKERS)
      throw new BadRequestError([{ parameter: 'tickers', value: null, allowed: TICKERS_ALLOWED }])
    const found = (await readSnapshots(call, { symbols, zone })).map(view)
    return { ...envelope(call.arrival), count: found.length, tickers: found }
  },
})

/** The newest bars of one ticker. */
export const massiveSnapshot = massiveEndpoint({
  path: '/v2/snapshot/locale/{locale}/markets/{market}/tickers/{ticker}',
  parameters: z.object({ ...ofMarket, ticker: symbolParameter }),
  read: async ({ market, ticker }, call) => {
    const [snapshot] = await readSnapshots(call, { symbols: [ticker], zone: zoneOfMarket(market) })
    if (snapshot === undefined) throw new NotThereError(`no bar of ${ticker}`)
    return { ...envelope(call.arrival), ticker: view(snapshot) }
  },
})

function zoneOfMarket(market: string) {
  return market === 'stocks' ? 'America/New_York' : 'UTC'
}

/** Without quotes and trades: the database has bars. */
function view({ minute, day, previousDay }: Snapshot) {
  return {
    ticker: minute.symbol,
    ...(day && previousDay && changed(previousDay, day)),
    ...(day && { day: pricesOf(day), min: { av: NUMBER_FORMATS.number(day.volume), ...massiveBar(minute) } }),
    ...(previousDay && { prevDay: pricesOf(previousDay) }),
  }
}

function changed(before: BarRow, day: BarRow) {
  const { number } = NUMBER_FORMATS
  const { change, percent } = changeBetween(before.close, day.close)
  return {
    todaysChange: number(change),
    ...(percent !== undefined && { todaysChangePerc: number(percent) }),
  }
}
