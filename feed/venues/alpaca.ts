import { NumberText } from '../../functions/shared/streams/exact-json.ts'
import { fillPages, isoOf } from './alpaca-pages.ts'
import { BadFrameError, type Get, type TimedTrade, type TimedVenue, type VenueEvent } from './venue.ts'
import { listOf, member, parseFrame, secondsOfIso, sided, textOf } from './frame.ts'

/** A feed of Alpaca: its paths, and how its trades are told apart. */
type Feed = {
  readonly name: string
  readonly stream: string
  readonly defaultSymbols: readonly string[]
  readonly pathOf: (symbol: string, since: string) => string
  readonly latestPath: (symbols: readonly string[]) => string
  readonly spellings: (symbol: string) => readonly string[]
}

/** US stocks, of IEX alone: free, 30 symbols. https://docs.alpaca.markets/docs/real-time-stock-pricing-data */
export const alpacaIex = venueOf(stocks('iex'))
/** US stocks, of all exchanges. */
export const alpacaSip = venueOf(stocks('sip'))
/** Alpaca's own crypto exchange. https://docs.alpaca.markets/docs/real-time-crypto-pricing-data */
export const alpacaCrypto = venueOf({
  name: 'alpaca-crypto',
  stream: 'v1beta3/crypto/us',
  defaultSymbols: ['BTC/USD', 'ETH/USD'],
  pathOf: (symbol, since) =>
    `/v1beta3/crypto/us/trades?symbols=${encodeURIComponent(symbol)}&start=${isoOf(since)}&limit=10000&sort=asc`,
  latestPath: (symbols) => `/v1beta3/crypto/us/latest/trades?symbols=${list(symbols)}`,
  spellings: (symbol) => {
    const [, base, quote] = /^([A-Z0-9]{2,6})[^A-Z0-9]*(USDT|USDC|USD|BTC)/.exec(symbol.toUpperCase()) ?? []
    return base === undefined ? [] : [`${base}/${quote}`]
  },
})

function stocks(feed: 'iex' | 'sip'): Feed {
  return {
    name: `alpaca-${feed}`,
    stream: `v2/${feed}`,
    defaultSymbols: ['AAPL', 'SPY'],
    pathOf: (symbol, since) =>
      `/v2/stocks/${encodeURIComponent(symbol)}/trades?start=${isoOf(since)}&limit=10000&sort=asc&feed=${feed}`,
    // Every account may see trades of a quarter of an hour ago; a stock need not have traded on IEX.
    latestPath: (symbols) =>
      `/v2/stocks/trades/latest?symbols=${list(symbols)}&feed=${feed === 'iex' ? 'delayed_sip' : feed}`,
    spellings: (symbol) => {
      const [stock] = /^[A-Z]+([./][A-Z]+)?/.exec(symbol.toUpperCase()) ?? []
      return stock === undefined ? [] : [stock.replace('/', '.')]
    },
  }
}

function venueOf(feed: Feed): TimedVenue {
  return {
    name: feed.name,
    webSocketUrl: `wss://stream.data.alpaca.markets/${feed.stream}`,
    restUrl: 'https://data.alpaca.markets',
    // 200 requests a minute without a subscription.
    restEveryMs: 300,
    hasOneConnection: true,
    defaultSymbols: feed.defaultSymbols,
    // It says itself when an account may have fewer.
    symbolsPerConnection: 10_000,
    keys: [
      { name: 'id', variables: ['APCA_API_KEY_ID'] },
      { name: 'secret', variables: ['APCA_API_SECRET_KEY'] },
    ],
    authenticate: ({ id, secret }) => JSON.stringify({ action: 'auth', key: id, secret }),
    restHeaders: ({ id = '', secret = '' }) => ({ 'apca-api-key-id': id, 'apca-api-secret-key': secret }),
    // Corrections and cancels come with the trades.
    subscribe: (symbols) => [JSON.stringify({ action: 'subscribe', trades: symbols })],
    read: (frame) => read(frame, feed),
    symbols: (get, wanted) => symbolsOf(get, wanted, feed),
    fillSince: (symbol, since, get) =>
      fillPages(feed.pathOf(symbol, since), get, (trade) => tradeOf(symbol, trade, feed)),
  }
}

async function symbolsOf(get: Get, wanted: readonly string[], feed: Feed): Promise<ReadonlySet<string>> {
  const asked = [...new Set(wanted.flatMap(feed.spellings))]
  if (asked.length === 0) return new Set()
  const trades = member(await get(feed.latestPath(asked)), 'trades')
  return new Set(Object.keys(typeof trades === 'object' && trades !== null ? trades : {}))
}

/** A frame holds messages; one that cannot be read leaves the others. */
function read(frame: string, feed: Feed): readonly VenueEvent[] {
  const messages = listOf(parseFrame(frame), 'the frame')
  if (messages.length === 0) throw new BadFrameError('a frame without a message')
  return messages.flatMap((message): readonly VenueEvent[] => {
    try {
      return eventsOf(message, feed)
    } catch (error) {
      if (!(error instanceof BadFrameError)) throw error
      if (messages.length === 1) throw error
      return [{ type: 'unreadable', reason: error.message }]
    }
  })
}

function eventsOf(message: unknown, feed: Feed): readonly VenueEvent[] {
  const type = member(message, 'T')
  if (type === 't') return [{ type: 'timed-trade', trade: tradeOf(symbolIn(message), message, feed) }]
  if (type === 'x') return [{ type: 'cancel', trade: tradeOf(symbolIn(message), message, feed) }]
  if (type === 'c') {
    const [was, now] = (['o', 'c'] as const).map((which) =>
      tradeOf(symbolIn(message), renamed(message, which), feed),
    )
    return was === undefined || now === undefined ? [] : [{ type: 'correction', was, now }]
  }
  if (type === 'subscription')
    return [{ type: 'subscribed', symbols: listOf(member(message, 'trades'), 'trades').map(String) }]
  if (type === 'success')
    return [{ type: member(message, 'msg') === 'authenticated' ? 'authenticated' : 'greeting' }]
  if (type === 'error') return [errorOf(message)]
  throw new BadFrameError(`an unknown message: ${textOf(type, 'T').slice(0, 120)}`)
}

/** Codes of errors that no retry helps: not authenticated, a refused key, too many symbols, a feed that the account does not have. */
const DENIED = new Set(['401', '402', '405', '409'])

function errorOf(message: unknown): VenueEvent {
  const code = textOf(member(message, 'code'), 'code')
  const reason = `${code} ${textOf(member(message, 'msg') ?? 'no reason given', 'msg')}`
  return DENIED.has(code) ? { type: 'denied', reason } : { type: 'refused', symbols: [], reason }
}

function symbolIn(message: unknown): string {
  return textOf(member(message, 'S'), 'S')
}

/** The original or the corrected trade of a correction, as a trade. */
function renamed(message: unknown, which: 'o' | 'c'): unknown {
  const own = ['i', 'p', 's', 'c'].map((name) => [name, member(message, `${which}${name}`)])
  const common = ['x', 't', 'z'].map((name) => [name, member(message, name)])
  return Object.fromEntries([...own, ...common])
}

/** Said of crypto only. */
const TAKERS = { B: 'buy', S: 'sell' } as const

/** Off-exchange trades: reporting facilities that each number by themselves share the letter. */
const OFF_EXCHANGE = 'D'

function tradeOf(symbol: string, trade: unknown, { name }: Feed): TimedTrade {
  const exchange = member(trade, 'x')
  const id = textOf(member(trade, 'i'), 'i')
  const time = member(trade, 't')
  const timestamp = secondsOfIso(time)
  const number = Number(id)
  const isNumbered = typeof exchange === 'string' && exchange !== OFF_EXCHANGE && Number.isSafeInteger(number)
  const conditions = member(trade, 'c')
  const tape = member(trade, 'z')
  const update = member(trade, 'u')
  return {
    symbol,
    key: typeof exchange === 'string' ? `${exchange} ${id}` : id,
    // The numbers of an exchange begin anew each day.
    ...(isNumbered && {
      number: { line: `${name}:${exchange}:${textOf(time, 't').slice(0, 10)}`, id: number },
    }),
    timestamp,
    price: textOf(member(trade, 'p'), 'p'),
    volume: textOf(member(trade, 's'), 's'),
    ...sided(member(trade, 'tks'), TAKERS),
    ...(tape !== undefined && { tape: textOf(tape, 'z') }),
    ...(tape !== undefined &&
      Array.isArray(conditions) &&
      conditions.length > 0 && {
        conditions: JSON.stringify(
          conditions.map((each) => (each instanceof NumberText ? each.text : String(each))),
        ),
      }),
    ...((update === 'canceled' || update === 'incorrect') && { isCancelled: true }),
  }
}

function list(symbols: readonly string[]): string {
  return encodeURIComponent(symbols.join(','))
}
