import {
  BadFrameError,
  type Get,
  type MissingTrades,
  type NumberedVenue,
  type VenueEvent,
  type VenueTrade,
} from './venue.ts'
import { idOf, listOf, member, parseFrame, secondsOfMilliseconds, sided, textOf } from './frame.ts'

const PAGE = 1000
const DAY_MS = 24 * 60 * 60_000

/** Names of what a trade has, on the stream and in the REST API. */
type Names = Readonly<Record<'id' | 'price' | 'volume' | 'time' | 'isBuyerMaker', string>>

/** The raw trades, of which its bars are made, or aggregate trades, which join what one order took at one price. */
type Kind = { readonly event: string; readonly sent: Names; readonly path: string; readonly stored: Names }

const RAW: Kind = {
  event: 'trade',
  sent: { id: 't', price: 'p', volume: 'q', time: 'T', isBuyerMaker: 'm' },
  path: 'historicalTrades',
  stored: { id: 'id', price: 'price', volume: 'qty', time: 'time', isBuyerMaker: 'isBuyerMaker' },
}
const AGGREGATE: Kind = {
  event: 'aggTrade',
  sent: { id: 'a', price: 'p', volume: 'q', time: 'T', isBuyerMaker: 'm' },
  path: 'aggTrades',
  stored: { id: 'a', price: 'p', volume: 'q', time: 'T', isBuyerMaker: 'm' },
}

/** Binance, spot. https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams */
export const binance = venueOf('binance', RAW)
/** Its aggregate trades: fewer records, and ids of their own. */
export const binanceAggregate = venueOf('binance-agg', AGGREGATE)

function venueOf(name: string, kind: Kind): NumberedVenue {
  return {
    name,
    webSocketUrl: 'wss://stream.binance.com:9443/ws',
    restUrl: 'https://api.binance.com',
    // 6,000 units of weight a minute; old trades cost 25.
    restEveryMs: 300,
    // Old trades wanted a key for years; where they still do, any will do.
    keys: [{ name: 'key', variables: ['BINANCE_API_KEY'], isOptional: true }],
    restHeaders: (keys): Record<string, string> =>
      keys['key'] === undefined ? {} : { 'x-mbx-apikey': keys['key'] },
    // It ends connections after 24 hours.
    lifetimeMs: DAY_MS,
    defaultSymbols: ['BTCUSDT', 'ETHUSDT'],
    symbolsPerConnection: 1024,
    subscribe: (symbols) => [
      JSON.stringify({
        method: 'SUBSCRIBE',
        params: symbols.map((symbol) => `${symbol.toLowerCase()}@${kind.event}`),
        id: 1,
      }),
    ],
    read: (frame) => read(frame, kind),
    symbols: async (get) => {
      const prices = listOf(await get('/api/v3/ticker/price'), 'the prices')
      return new Set(prices.map((price) => textOf(member(price, 'symbol'), 'symbol')))
    },
    fill: (symbol, missing, get) => fill(symbol, missing, { get, kind }),
  }
}

function read(frame: string, { event, sent }: Kind): readonly VenueEvent[] {
  const message = parseFrame(frame)
  if (member(message, 'e') === event)
    return [{ type: 'trade', trade: tradeOf(textOf(member(message, 's'), 's'), message, sent) }]
  if (member(message, 'e') === 'serverShutdown')
    return [{ type: 'notice', text: 'the venue ends the connection' }]
  const error = member(message, 'error')
  if (error !== undefined)
    return [
      { type: 'refused', symbols: [], reason: textOf(member(error, 'msg') ?? 'no reason given', 'msg') },
    ]
  // The answer to a subscription names no symbols: all were taken.
  if (member(message, 'id') !== undefined) return [{ type: 'subscribed', symbols: [] }]
  throw new BadFrameError(`an unknown message: ${frame.slice(0, 120)}`)
}

/** Where the buyer had waited in the book, the seller took. */
const TAKERS = { true: 'sell', false: 'buy' } as const

function tradeOf(
  symbol: string,
  trade: unknown,
  { id, price, volume, time, isBuyerMaker }: Names,
): VenueTrade {
  return {
    symbol,
    id: idOf(member(trade, id)),
    timestamp: secondsOfMilliseconds(member(trade, time)),
    price: textOf(member(trade, price), 'the price'),
    volume: textOf(member(trade, volume), 'the volume'),
    ...sided(member(trade, isBuyerMaker), TAKERS),
  }
}

async function* fill(
  symbol: string,
  { first, last }: MissingTrades,
  { get, kind }: { readonly get: Get; readonly kind: Kind },
): AsyncGenerator<readonly VenueTrade[]> {
  for (let from = first; from <= last;) {
    const path = `/api/v3/${kind.path}?symbol=${encodeURIComponent(symbol)}&fromId=${from}&limit=${PAGE}`
    const page = listOf(await get(path), 'the trades').map((trade) => tradeOf(symbol, trade, kind.stored))
    if (page.length > 0) yield page
    const newest = page.at(-1)
    if (newest === undefined || newest.id < from) return
    from = newest.id + 1
  }
}
