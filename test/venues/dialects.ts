import type { IncomingHttpHeaders } from 'node:http'

import type { MarketTrade } from './market.ts'

/** What a request of the REST API is answered with. */
export type RestRequest = { readonly path: string; readonly query: URLSearchParams }

/** How a simulated venue speaks, written from the venue's documentation and not from the adapter. */
export type Dialect = {
  readonly name: string
  readonly symbols: readonly string[]
  /** The symbols that a client's frame subscribes to; undefined where it is no subscription. */
  readonly subscription: (frame: string) => readonly string[] | undefined
  readonly confirm: (symbols: readonly string[]) => readonly string[]
  readonly refuse: (symbol: string) => string
  readonly trades: (trades: readonly MarketTrade[]) => readonly string[]
  /** What is sent while there are no trades; undefined where the venue sends nothing. */
  readonly heartbeat: (newest: ReadonlyMap<string, MarketTrade>) => readonly string[]
  /** Text is sent as it is; anything else as JSON. */
  readonly rest: (request: RestRequest, of: (symbol: string) => readonly MarketTrade[]) => unknown
  /** Of a venue that wants keys. */
  readonly access?: Access
}

type Access = {
  readonly greeting: string
  /** Whether a frame tells the right keys; undefined where it tells none. */
  readonly isRight: (frame: string) => boolean | undefined
  readonly accepted: string
  readonly refused: string
  readonly tooMany: string
  readonly mayAsk: (headers: IncomingHttpHeaders) => boolean
}

const iso = (micros: number): string =>
  `${new Date(Math.floor(micros / 1000)).toISOString().slice(0, -1)}${String(micros % 1000).padStart(3, '0')}Z`
const millis = (micros: number): number => Math.floor(micros / 1000)

export const krakenDialect: Dialect = {
  name: 'kraken',
  symbols: ['BTC/USD', 'ETH/USD', 'DOGE/EUR'],
  subscription: (frame) => {
    const { method, params } = JSON.parse(frame)
    return method === 'subscribe' && params.channel === 'trade' ? params.symbol : undefined
  },
  confirm: (symbols) => [
    '{"channel":"status","data":[{"api_version":"v2","connection_id":123,"system":"online","version":"2.0.4"}],"type":"update"}',
    ...symbols.map(
      (symbol) =>
        `{"method":"subscribe","result":{"channel":"trade","snapshot":true,"symbol":"${symbol}"},"success":true,"time_in":"2026-01-01T00:00:00.000000Z","time_out":"2026-01-01T00:00:00.000001Z"}`,
    ),
  ],
  refuse: (symbol) =>
    `{"error":"Currency pair not supported ${symbol}","method":"subscribe","success":false,"symbol":"${symbol}","time_in":"2026-01-01T00:00:00.000000Z","time_out":"2026-01-01T00:00:00.000001Z"}`,
  trades: (trades) => [
    `{"channel":"trade","type":"update","data":[${trades
      .map(
        ({ symbol, id, micros, price, volume, taker }) =>
          `{"symbol":"${symbol}","side":"${taker}","price":${price},"qty":${volume},"ord_type":"market","trade_id":${id},"timestamp":"${iso(micros)}"}`,
      )
      .join(',')}]}`,
  ],
  heartbeat: () => ['{"channel":"heartbeat"}'],
  rest: ({ path, query }, of) => {
    if (path === '/0/public/AssetPairs')
      return {
        error: [],
        result: {
          XXBTZUSD: { altname: 'XBTUSD', wsname: 'XBT/USD' },
          XETHZUSD: { altname: 'ETHUSD', wsname: 'ETH/USD' },
          XDGEUR: { altname: 'XDGEUR', wsname: 'XDG/EUR' },
        },
      }
    const names: Record<string, string> = { XBTUSD: 'BTC/USD', ETHUSD: 'ETH/USD', XDGEUR: 'DOGE/EUR' }
    const symbol = names[query.get('pair') ?? '']
    if (path !== '/0/public/Trades' || symbol === undefined) return { error: ['EQuery:Unknown asset pair'] }
    const since = BigInt(query.get('since') ?? '0')
    const page = of(symbol)
      .filter(({ micros }) => BigInt(micros) * 1000n > since)
      .slice(0, Number(query.get('count') ?? 1000))
    const rows = page.map(({ id, micros, price, volume, taker }) => [
      price,
      volume,
      micros / 1e6,
      taker === 'buy' ? 'b' : 's',
      'm',
      '',
      id,
    ])
    const newest = page.at(-1)
    return {
      error: [],
      result: { [symbol]: rows, last: newest === undefined ? String(since) : `${newest.micros}000` },
    }
  },
}

/** Coinbase names the side of the order that was on the book. */
const makerOf = (taker: MarketTrade['taker']): string => (taker === 'buy' ? 'sell' : 'buy')

const coinbaseDialect: Dialect = {
  name: 'coinbase',
  symbols: ['BTC-USD', 'ETH-USD'],
  subscription: (frame) => {
    const { type, product_ids: ids } = JSON.parse(frame)
    return type === 'subscribe' ? ids : undefined
  },
  confirm: (symbols) => [
    JSON.stringify({
      type: 'subscriptions',
      channels: ['matches', 'heartbeat'].map((name) => ({ name, product_ids: symbols, account_ids: null })),
    }),
  ],
  refuse: (symbol) =>
    JSON.stringify({
      type: 'error',
      message: 'Failed to subscribe',
      reason: `${symbol} is not a valid product`,
    }),
  trades: (trades) =>
    trades.map(({ symbol, id, micros, price, volume, taker }) =>
      JSON.stringify({
        type: 'match',
        trade_id: id,
        maker_order_id: 'ac928c66-ca53-498f-9c13-a110027a60e8',
        taker_order_id: '132fb6ae-456b-4654-b4e0-d681ac05cea1',
        side: makerOf(taker),
        size: volume,
        price,
        product_id: symbol,
        sequence: id * 7,
        time: iso(micros),
      }),
    ),
  heartbeat: (newest) =>
    [...newest.values()].map(({ symbol, id, micros }) =>
      JSON.stringify({
        type: 'heartbeat',
        last_trade_id: id,
        product_id: symbol,
        sequence: id * 7,
        time: iso(micros),
      }),
    ),
  rest: ({ path, query }, of) => {
    if (path === '/products') return [{ id: 'BTC-USD' }, { id: 'ETH-USD' }]
    const symbol = /^\/products\/([^/]+)\/trades$/.exec(path)?.[1] ?? ''
    const after = Number(query.get('after') ?? Infinity)
    return of(symbol)
      .filter(({ id }) => id < after)
      .slice(-Number(query.get('limit') ?? 1000))
      .toReversed()
      .map(({ id, micros, price, volume, taker }) => ({
        trade_id: id,
        side: makerOf(taker),
        size: volume,
        price,
        time: iso(micros),
      }))
  },
}

function binanceLike(name: string, event: 'trade' | 'aggTrade', path: string): Dialect {
  const idName = event === 'trade' ? 't' : 'a'
  return {
    name,
    symbols: ['BTCUSDT', 'ETHUSDT'],
    subscription: (frame) => {
      const { method, params } = JSON.parse(frame)
      if (method !== 'SUBSCRIBE') return undefined
      return params.map((stream: string) => stream.replace(`@${event}`, '').toUpperCase())
    },
    confirm: () => ['{"result":null,"id":1}'],
    refuse: () => '{"error":{"code":2,"msg":"Invalid request: invalid stream"},"id":1}',
    trades: (trades) =>
      trades.map(
        ({ symbol, id, micros, price, volume, taker }) =>
          `{"e":"${event}","E":${millis(micros) + 1},"s":"${symbol}","${idName}":${id},"p":"${price}","q":"${volume}",${
            event === 'aggTrade' ? `"f":${id},"l":${id},` : ''
          }"T":${millis(micros)},"m":${taker === 'sell'},"M":true}`,
      ),
    heartbeat: () => [],
    rest: ({ path: asked, query }, of) => {
      if (asked === '/api/v3/ticker/price')
        return [
          { symbol: 'BTCUSDT', price: '1.0' },
          { symbol: 'ETHUSDT', price: '1.0' },
        ]
      if (asked !== path) return { code: -1121, msg: 'Invalid symbol.' }
      const from = Number(query.get('fromId') ?? 0)
      return of(query.get('symbol') ?? '')
        .filter(({ id }) => id >= from)
        .slice(0, Number(query.get('limit') ?? 500))
        .map(({ id, micros, price, volume, taker }) =>
          event === 'trade'
            ? {
                id,
                price,
                qty: volume,
                quoteQty: '1',
                time: millis(micros),
                isBuyerMaker: taker === 'sell',
                isBestMatch: true,
              }
            : { a: id, p: price, q: volume, f: id, l: id, T: millis(micros), m: taker === 'sell', M: true },
        )
    },
  }
}

export const DIALECTS: readonly Dialect[] = [
  krakenDialect,
  coinbaseDialect,
  binanceLike('binance', 'trade', '/api/v3/historicalTrades'),
  binanceLike('binance-agg', 'aggTrade', '/api/v3/aggTrades'),
]
