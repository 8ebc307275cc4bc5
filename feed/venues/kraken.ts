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

/** Kraken, spot: WebSocket v2, channel `trade`. https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/trade */
export const kraken: NumberedVenue = {
  name: 'kraken',
  webSocketUrl: 'wss://ws.kraken.com/v2',
  restUrl: 'https://api.kraken.com',
  // Public calls share a counter that falls by one a second.
  restEveryMs: 1000,
  defaultSymbols: ['BTC/USD', 'ETH/USD'],
  symbolsPerConnection: 200,
  subscribe: (symbols) => [
    JSON.stringify({ method: 'subscribe', params: { channel: 'trade', symbol: symbols, snapshot: true } }),
  ],
  read,
  symbols: allSymbols,
  fill,
  faultOf: (answer) => {
    const errors = member(answer, 'error')
    if (!Array.isArray(errors) || errors.length === 0) return undefined
    const reason = errors.map(String).join(', ')
    return { reason, isThrottled: /Rate limit|Too many requests|Throttled|Unavailable|Busy/i.test(reason) }
  },
}

function read(frame: string): readonly VenueEvent[] {
  const message = parseFrame(frame)
  if (member(message, 'method') === 'subscribe') return [subscription(message)]
  const channel = member(message, 'channel')
  if (channel === 'trade')
    return listOf(member(message, 'data'), 'data').map((trade) => ({ type: 'trade', trade: tradeOf(trade) }))
  if (channel === 'status') return statusOf(message)
  if (channel === 'heartbeat' || member(message, 'method') === 'pong') return []
  throw new BadFrameError(`an unknown message: ${frame.slice(0, 120)}`)
}

function subscription(message: unknown): VenueEvent {
  const symbol = member(message, 'symbol') ?? member(member(message, 'result'), 'symbol')
  const concerned = typeof symbol === 'string' ? [symbol] : []
  return member(message, 'success') === true
    ? { type: 'subscribed', symbols: concerned }
    : {
        type: 'refused',
        symbols: concerned,
        reason: textOf(member(message, 'error') ?? 'no reason given', 'error'),
      }
}

function statusOf(message: unknown): readonly VenueEvent[] {
  const data = listOf(member(message, 'data'), 'data')
  const states = data.map((each) => member(each, 'system')).filter((state) => state !== 'online')
  return states.map((state) => ({ type: 'notice', text: `the venue is in the state ${String(state)}` }))
}

/** Of the taker, in the stream and in the REST API. */
const TAKERS = { buy: 'buy', sell: 'sell', b: 'buy', s: 'sell' } as const

function tradeOf(trade: unknown): VenueTrade {
  return {
    symbol: textOf(member(trade, 'symbol'), 'symbol'),
    id: idOf(member(trade, 'trade_id'), 'trade_id'),
    timestamp: secondsOfIso(member(trade, 'timestamp')),
    price: textOf(member(trade, 'price'), 'price'),
    volume: textOf(member(trade, 'qty'), 'qty'),
    ...sided(member(trade, 'side'), TAKERS),
  }
}

/** The REST API has older names for two assets. */
const OLD_NAMES = [
  ['BTC', 'XBT'],
  ['DOGE', 'XDG'],
] as const

async function allSymbols(get: Get): Promise<ReadonlySet<string>> {
  const pairs = member(await get('/0/public/AssetPairs'), 'result')
  const names = Object.values(typeof pairs === 'object' && pairs !== null ? pairs : {}).map((pair) =>
    textOf(member(pair, 'wsname') ?? '', 'wsname'),
  )
  return new Set(names.map((name) => renamed(name, ([recent, old]) => [old, recent])))
}

function renamed(
  symbol: string,
  from: (pair: (typeof OLD_NAMES)[number]) => readonly [string, string],
): string {
  const assets = symbol.split('/')
  const names = new Map(OLD_NAMES.map(from))
  return assets.map((asset) => names.get(asset) ?? asset).join('/')
}

/**
 * Pages go on from a time, and trades of one time may lie on both sides of a page's end: where an id is left out, the page is
 * asked for again from a moment earlier.
 */
async function* fill(
  symbol: string,
  missing: MissingTrades,
  get: Get,
): AsyncGenerator<readonly VenueTrade[]> {
  const pair = renamed(symbol, (each) => each).replace('/', '')
  let next = missing.first
  let since = nanoseconds(missing.since) - 1n
  while (next <= missing.last) {
    const answer = await get(`/0/public/Trades?pair=${encodeURIComponent(pair)}&since=${since}&count=${PAGE}`)
    const result = member(answer, 'result')
    const rows = Object.entries(typeof result === 'object' && result !== null ? result : {}).find(
      ([name]) => name !== 'last',
    )
    const page = listOf(rows?.[1] ?? [], 'result').map((row) => rowOf(symbol, row))
    const wanted = page.filter(({ id }) => id >= next)
    if (wanted.length > 0) yield wanted
    const newest = page.at(-1)
    if (newest === undefined) return
    const later = nanoseconds(newest.timestamp) - 1n
    const last = BigInt(textOf(member(result, 'last') ?? '0', 'last'))
    next = Math.max(next, newest.id + 1)
    // A page of one single moment would come again and again.
    const following = later > since ? later : last
    if (following <= since) return
    since = following
  }
}

/** `[price, volume, time, side, order type, miscellaneous, id]`. */
function rowOf(symbol: string, row: unknown): VenueTrade {
  const [price, volume, time, side, , , id] = listOf(row, 'a trade')
  return {
    symbol,
    id: idOf(id),
    timestamp: textOf(time, 'the time'),
    price: textOf(price, 'the price'),
    volume: textOf(volume, 'the volume'),
    ...sided(side, TAKERS),
  }
}

function nanoseconds(seconds: string): bigint {
  const [whole = '0', fraction = ''] = seconds.split('.')
  return BigInt(whole) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'))
}
