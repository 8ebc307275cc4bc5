import { BadFrameError, type Get, type TimedTrade, type TimedVenue, type VenueEvent } from './venue.ts'
import type { TakerSide } from '../tick.ts'
import { idOf, listOf, member, parseFrame, secondsOfMilliseconds, sided, textOf } from './frame.ts'

/** A market of Massive: how its trades are named and told apart. */
type Market = {
  readonly name: string
  readonly path: string
  readonly defaultSymbols: readonly string[]
  /** Event and channel of trades. */
  readonly event: string
  /** The member that holds the symbol. */
  readonly symbol: string
  /** The REST API's name of a symbol. */
  readonly tickerOf: (symbol: string) => string
  readonly spellings: (symbol: string) => readonly string[]
  readonly numbered: (trade: Trade) => Pick<TimedTrade, 'key' | 'number'>
  /** Conditions that say who took the liquidity. */
  readonly takers: Readonly<Record<string, TakerSide>>
}

/** A trade of the stream or of the REST API, under one name each. */
type Trade = {
  readonly id: unknown
  readonly exchange: unknown
  readonly sequence: unknown
  readonly milliseconds: string
  readonly price: unknown
  readonly size: unknown
  readonly conditions: unknown
  readonly tape: unknown
  readonly correction?: unknown
}

/** US stocks of all exchanges. https://massive.com/docs/websocket/stocks/trades */
export const massiveStocks = venueOf({
  name: 'massive-stocks',
  path: 'stocks',
  defaultSymbols: ['AAPL', 'SPY'],
  event: 'T',
  symbol: 'sym',
  tickerOf: (symbol) => symbol,
  spellings: (symbol) => {
    const [stock] = /^[A-Z]+([./][A-Z]+)?/.exec(symbol.toUpperCase()) ?? []
    return stock === undefined ? [] : [stock.replace('/', '.')]
  },
  // Grows with the trades of a symbol, over all exchanges, and begins anew each day.
  numbered: ({ sequence, milliseconds }) => {
    const id = idOf(sequence, 'the sequence number')
    const day = new Date(Number(milliseconds)).toISOString().slice(0, 10)
    return { key: `${day} ${id}`, number: { line: `massive-stocks:${day}`, id } }
  },
  takers: {},
})

/** Crypto of several exchanges. https://massive.com/docs/websocket/crypto/trades */
export const massiveCrypto = venueOf({
  name: 'massive-crypto',
  path: 'crypto',
  defaultSymbols: ['BTC-USD', 'ETH-USD'],
  event: 'XT',
  symbol: 'pair',
  tickerOf: (symbol) => `X:${symbol.replace('-', '')}`,
  spellings: (symbol) => {
    const [, base, quote] =
      /^([A-Z0-9]{2,8}?)[^A-Z0-9]*(USDT|USDC|USD|EUR|GBP|BTC)/.exec(symbol.toUpperCase()) ?? []
    return base === undefined ? [] : [`${base}-${quote}`]
  },
  // The exchange's own; without one, its numbers tell a trade from others.
  numbered: ({ id, exchange, milliseconds, price, size }) => {
    const from = textOf(exchange, 'the exchange')
    if (id === undefined || id === null)
      return { key: [from, milliseconds, textOf(price, 'p'), textOf(size, 's')].join(' ') }
    const text = textOf(id, 'the id')
    const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
    return {
      key: `${from} ${text}`,
      ...(Number.isSafeInteger(number) && { number: { line: `massive-crypto:${from}`, id: number } }),
    }
  },
  takers: { '1': 'sell', '2': 'buy' },
})

function venueOf(market: Market): TimedVenue {
  return {
    name: market.name,
    webSocketUrl: `wss://socket.massive.com/${market.path}`,
    restUrl: 'https://api.massive.com',
    // It asks for less than 100 requests a second.
    restEveryMs: 20,
    hasOneConnection: true,
    defaultSymbols: market.defaultSymbols,
    symbolsPerConnection: 10_000,
    keys: [{ name: 'key', variables: ['MASSIVE_API_KEY', 'POLYGON_API_KEY'] }],
    authenticate: ({ key }) => JSON.stringify({ action: 'auth', params: key }),
    restHeaders: ({ key }) => ({ authorization: `Bearer ${key}` }),
    subscribe: (symbols) => [
      JSON.stringify({
        action: 'subscribe',
        params: symbols.map((symbol) => `${market.event}.${symbol}`).join(','),
      }),
    ],
    read: (frame) => read(frame, market),
    symbols: (get, wanted) => symbolsOf(get, wanted, market),
    fillSince: (symbol, since, get) => fillSince(symbol, since, { get, market }),
  }
}

async function symbolsOf(get: Get, wanted: readonly string[], market: Market): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  const asked = [...new Set(wanted.flatMap(market.spellings))]
  // An answer has 250 at most.
  for (let from = 0; from < asked.length; from += 250) {
    const page = asked.slice(from, from + 250)
    const byTicker = new Map(page.map((symbol) => [market.tickerOf(symbol), symbol]))
    const tickers = encodeURIComponent([...byTicker.keys()].join(','))
    const answer = await get(`/v3/snapshot?ticker.any_of=${tickers}&limit=250`)
    for (const result of listOf(member(answer, 'results') ?? [], 'results')) {
      const symbol = byTicker.get(String(member(result, 'ticker')))
      if (symbol !== undefined && member(result, 'error') === undefined) found.add(symbol)
    }
  }
  return found
}

/** A frame holds messages; one that cannot be read leaves the others. */
function read(frame: string, market: Market): readonly VenueEvent[] {
  const messages = listOf(parseFrame(frame), 'the frame')
  if (messages.length === 0) throw new BadFrameError('a frame without a message')
  return messages.flatMap((message): readonly VenueEvent[] => {
    try {
      return [eventOf(message, market)]
    } catch (error) {
      if (!(error instanceof BadFrameError)) throw error
      if (messages.length === 1) throw error
      return [{ type: 'unreadable', reason: error.message }]
    }
  })
}

function eventOf(message: unknown, market: Market): VenueEvent {
  const event = member(message, 'ev')
  if (event === 'status') return statusOf(message, market)
  if (event !== market.event)
    throw new BadFrameError(`an unknown message: ${textOf(event, 'ev').slice(0, 120)}`)
  const trade = {
    id: member(message, 'i'),
    exchange: member(message, 'x'),
    sequence: member(message, 'q'),
    milliseconds: textOf(member(message, 't'), 't'),
    price: member(message, 'p'),
    size: member(message, 's'),
    conditions: member(message, 'c'),
    tape: member(message, 'z'),
  }
  return {
    type: 'timed-trade',
    trade: tradeOf(textOf(member(message, market.symbol), market.symbol), trade, market),
  }
}

function statusOf(message: unknown, { event }: Market): VenueEvent {
  const status = member(message, 'status')
  const text = textOf(member(message, 'message') ?? 'no reason given', 'message')
  if (status === 'connected') return { type: 'greeting' }
  if (status === 'auth_success') return { type: 'authenticated' }
  if (status === 'auth_failed') return { type: 'denied', reason: text }
  if (status === 'success')
    return {
      type: 'subscribed',
      symbols: [...text.matchAll(/(\w+)\.([^,\s]+)/g)].flatMap(([, channel, symbol]) =>
        channel === event && symbol !== undefined ? [symbol] : [],
      ),
    }
  if (/not authorized|not entitled/i.test(text)) return { type: 'denied', reason: text }
  return { type: 'refused', symbols: [], reason: `${String(status)}: ${text}` }
}

/** Records of the REST API that take back another, or were taken back themselves. */
const TAKEN_BACK = new Set(['1', '7', '8', '10', '11'])

function tradeOf(symbol: string, trade: Trade, market: Market): TimedTrade {
  const { price, size, conditions, tape, milliseconds, correction } = trade
  const isTakenBack = correction !== undefined && TAKEN_BACK.has(textOf(correction, 'correction'))
  return {
    symbol,
    ...market.numbered(trade),
    timestamp: secondsOfMilliseconds(milliseconds),
    price: textOf(price, 'the price'),
    volume: textOf(size, 'the size'),
    ...takerOf(conditions, market),
    // Those of crypto belong to no tape.
    ...(tape !== undefined && { tape: textOf(tape, 'the tape') }),
    ...(tape !== undefined &&
      Array.isArray(conditions) &&
      conditions.length > 0 && {
        conditions: `[${conditions.map((each) => textOf(each, 'a condition')).join(',')}]`,
      }),
    ...(isTakenBack && { isCancelled: true }),
  }
}

function takerOf(conditions: unknown, { takers }: Market): Pick<TimedTrade, 'side'> {
  const said = Array.isArray(conditions) ? conditions.map((each) => sided(each, takers)) : []
  return said.find(({ side }) => side !== undefined) ?? {}
}

async function* fillSince(
  symbol: string,
  since: string,
  { get, market }: { readonly get: Get; readonly market: Market },
): AsyncGenerator<readonly TimedTrade[]> {
  const from = `${Math.floor(Number(since) * 1000)}000000`
  const ticker = encodeURIComponent(market.tickerOf(symbol))
  for (
    let path: string | undefined =
      `/v3/trades/${ticker}?timestamp.gte=${from}&order=asc&limit=10000&sort=timestamp`;
    path !== undefined;
  ) {
    const answer: unknown = await get(path)
    const page = listOf(member(answer, 'results') ?? [], 'results')
    if (page.length > 0) yield page.map((row) => rowOf(symbol, row, market))
    path = nextOf(member(answer, 'next_url'))
  }
}

function rowOf(symbol: string, row: unknown, market: Market): TimedTrade {
  const time = member(row, 'sip_timestamp') ?? member(row, 'participant_timestamp')
  const trade = {
    id: member(row, 'id'),
    exchange: member(row, 'exchange'),
    sequence: member(row, 'sequence_number'),
    // As the stream says it: one clock, so that trades of a millisecond keep their order.
    milliseconds: textOf(time, 'the time').slice(0, -6),
    price: member(row, 'price'),
    size: member(row, 'size'),
    conditions: member(row, 'conditions'),
    tape: member(row, 'tape'),
    correction: member(row, 'correction'),
  }
  return tradeOf(symbol, trade, market)
}

/** It is a whole address, which is asked for where the venue is reached. */
function nextOf(url: unknown): string | undefined {
  if (url === undefined || url === null) return undefined
  const { pathname, searchParams } = new URL(textOf(url, 'next_url'))
  searchParams.delete('apiKey')
  return `${pathname}?${searchParams.toString()}`
}
