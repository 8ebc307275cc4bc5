import {
  BadFrameError,
  type Get,
  type MissingTrades,
  type NumberedVenue,
  type VenueEvent,
  type VenueTrade,
} from './venue.ts'
import { idOf, listOf, member, parseFrame, secondsOfIso, sided, textOf } from './frame.ts'

const PAGE = 1000

/** Coinbase Exchange: channels `matches` and `heartbeat`. https://docs.cdp.coinbase.com/exchange/websocket-feed/channels */
export const coinbase: NumberedVenue = {
  name: 'coinbase',
  webSocketUrl: 'wss://ws-feed.exchange.coinbase.com',
  restUrl: 'https://api.exchange.coinbase.com',
  // Ten public requests a second.
  restEveryMs: 125,
  defaultSymbols: ['BTC-USD', 'ETH-USD'],
  symbolsPerConnection: 100,
  subscribe: (symbols) => [
    JSON.stringify({ type: 'subscribe', product_ids: symbols, channels: ['matches', 'heartbeat'] }),
  ],
  read,
  symbols: async (get) => {
    const products = listOf(await get('/products'), 'the products')
    return new Set(products.map((product) => textOf(member(product, 'id'), 'id')))
  },
  fill,
}

function read(frame: string): readonly VenueEvent[] {
  const message = parseFrame(frame)
  const type = member(message, 'type')
  if (type === 'match' || type === 'last_match') {
    const symbol = textOf(member(message, 'product_id'), 'product_id')
    return [{ type: 'trade', trade: tradeOf(symbol, message) }]
  }
  if (type === 'heartbeat') {
    const symbol = textOf(member(message, 'product_id'), 'product_id')
    return [{ type: 'newest', symbol, id: idOf(member(message, 'last_trade_id'), 'last_trade_id') }]
  }
  if (type === 'subscriptions') return [{ type: 'subscribed', symbols: subscribedIn(message) }]
  if (type === 'error') return [refusal(message)]
  throw new BadFrameError(`an unknown message: ${frame.slice(0, 120)}`)
}

function subscribedIn(message: unknown): readonly string[] {
  const channels = listOf(member(message, 'channels'), 'channels')
  const matches = channels.find((channel) => member(channel, 'name') === 'matches')
  return listOf(member(matches, 'product_ids') ?? [], 'product_ids').map(String)
}

/** One bad symbol refuses the whole subscription; the reason names it. */
function refusal(message: unknown): VenueEvent {
  const reason = textOf(
    member(message, 'reason') ?? member(message, 'message') ?? 'no reason given',
    'reason',
  )
  const [symbol] = /^[A-Z0-9]+-[A-Z0-9]+/.exec(reason) ?? []
  return { type: 'refused', symbols: symbol === undefined ? [] : [symbol], reason }
}

/** It names the side of the order that had waited in the book. */
const TAKERS = { buy: 'sell', sell: 'buy' } as const

function tradeOf(symbol: string, trade: unknown): VenueTrade {
  return {
    symbol,
    id: idOf(member(trade, 'trade_id'), 'trade_id'),
    timestamp: secondsOfIso(member(trade, 'time')),
    price: textOf(member(trade, 'price'), 'price'),
    volume: textOf(member(trade, 'size'), 'size'),
    ...sided(member(trade, 'side'), TAKERS),
  }
}

/** A page has the trades before an id, newest first: ids count up by one, so that the pages can be asked for oldest first. */
async function* fill(
  symbol: string,
  { first, last }: MissingTrades,
  get: Get,
): AsyncGenerator<readonly VenueTrade[]> {
  for (let from = first; from <= last; from += PAGE) {
    const before = Math.min(from + PAGE, last + 1)
    const path = `/products/${encodeURIComponent(symbol)}/trades?limit=${before - from}&after=${before}`
    const page = listOf(await get(path), 'the trades').map((trade) => tradeOf(symbol, trade))
    yield page.toReversed()
  }
}
