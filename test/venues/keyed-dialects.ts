import type { Dialect, RestRequest } from './dialects.ts'
import type { MarketTrade } from './market.ts'

/** What a page of a REST API has at most; less than those of the venues, so that a hole has several. */
const PAGE = 1000

type Of = (symbol: string) => readonly MarketTrade[]

/** Nanoseconds as Alpaca writes them. */
const iso = (micros: number): string =>
  `${new Date(Math.floor(micros / 1000)).toISOString().slice(0, -1)}${String(micros % 1000).padStart(3, '0')}000Z`

function alpacaLike(
  name: string,
  exchangeOf: ((id: number) => string) | undefined,
  symbols: readonly string[],
): Dialect {
  const isStocks = exchangeOf !== undefined
  const body = ({ id, micros, price, volume, taker }: MarketTrade): string =>
    `"t":"${iso(micros)}","p":${price},"s":${volume},${
      isStocks
        ? `"i":${id},"x":"${exchangeOf(id)}","c":["@"],"z":"C"`
        : `"i":${id}3447222699101865076,"tks":"${taker === 'buy' ? 'B' : 'S'}"`
    }`
  return {
    name,
    symbols,
    access: {
      greeting: '[{"T":"success","msg":"connected"}]',
      isRight: (frame) => {
        const { action, key, secret } = JSON.parse(frame)
        return action === 'auth' ? key === 'PK-SIMULATED-ID' && secret === 'simulated-secret' : undefined
      },
      accepted: '[{"T":"success","msg":"authenticated"}]',
      refused: '[{"T":"error","code":402,"msg":"auth failed"}]',
      tooMany: '[{"T":"error","code":406,"msg":"connection limit exceeded"}]',
      mayAsk: (headers) =>
        headers['apca-api-key-id'] === 'PK-SIMULATED-ID' &&
        headers['apca-api-secret-key'] === 'simulated-secret',
    },
    subscription: (frame) => {
      const { action, trades } = JSON.parse(frame)
      return action === 'subscribe' ? trades : undefined
    },
    confirm: (taken) => [
      JSON.stringify([
        { T: 'subscription', trades: taken, quotes: [], bars: [], corrections: taken, cancelErrors: taken },
      ]),
    ],
    refuse: () => '[{"T":"error","code":400,"msg":"invalid syntax"}]',
    trades: (trades) => [
      `[${trades.map((trade) => `{"T":"t","S":"${trade.symbol}",${body(trade)}}`).join(',')}]`,
    ],
    heartbeat: () => [],
    rest: ({ path, query }, of) => {
      if (path.endsWith('/latest') || path.endsWith('/latest/trades')) {
        const asked = (query.get('symbols') ?? '').split(',').filter((symbol) => symbols.includes(symbol))
        return { trades: Object.fromEntries(asked.map((symbol) => [symbol, { p: 1 }])) }
      }
      const symbol = isStocks
        ? (/stocks\/([^/]+)\/trades/.exec(path)?.[1] ?? '')
        : (query.get('symbols') ?? '')
      const { page, next } = pageOf(of(symbol), query, Date.parse(query.get('start') ?? '') * 1000)
      const rows = `[${page.map((trade) => `{${body(trade)}}`).join(',')}]`
      const token = next === undefined ? 'null' : `"${next}"`
      return `{"trades":${isStocks ? rows : `{"${symbol}":${rows}}`},"next_page_token":${token}}`
    },
  }
}

/** From a token or from a time on. */
function pageOf(
  all: readonly MarketTrade[],
  query: RestRequest['query'],
  fromMicros: number,
): { readonly page: readonly MarketTrade[]; readonly next: number | undefined } {
  const token = query.get('page_token') ?? query.get('cursor')
  const wanted =
    token === null
      ? all.filter(({ micros }) => micros >= fromMicros)
      : all.filter(({ id }) => id >= Number(token))
  return { page: wanted.slice(0, PAGE), next: wanted[PAGE]?.id }
}

/** Massive's conditions of crypto: sell side and buy side. */
const conditionOf = (taker: MarketTrade['taker']): number => (taker === 'sell' ? 1 : 2)

function massiveLike(name: string, isStocks: boolean, symbols: readonly string[]): Dialect {
  const tickerOf = (symbol: string): string => (isStocks ? symbol : `X:${symbol.replace('-', '')}`)
  const symbolOf = (ticker: string): string => symbols.find((symbol) => tickerOf(symbol) === ticker) ?? ''
  const millis = (micros: number): number => Math.floor(micros / 1000)
  return {
    name,
    symbols,
    access: {
      greeting: '[{"ev":"status","status":"connected","message":"Connected Successfully"}]',
      isRight: (frame) => {
        const { action, params } = JSON.parse(frame)
        return action === 'auth' ? params === 'simulated-key' : undefined
      },
      accepted: '[{"ev":"status","status":"auth_success","message":"authenticated"}]',
      refused: '[{"ev":"status","status":"auth_failed","message":"authentication failed"}]',
      tooMany:
        '[{"ev":"status","status":"max_connections","message":"Maximum number of websocket connections exceeded."}]',
      mayAsk: (headers) => headers.authorization === 'Bearer simulated-key',
    },
    subscription: (frame) => {
      const { action, params } = JSON.parse(frame)
      return action === 'subscribe'
        ? String(params)
            .split(',')
            .map((each) => each.replace(/^\w+\./, ''))
        : undefined
    },
    confirm: (taken) => [
      JSON.stringify(
        taken.map((symbol) => ({
          ev: 'status',
          status: 'success',
          message: `subscribed to: ${isStocks ? 'T' : 'XT'}.${symbol}`,
        })),
      ),
    ],
    refuse: () => '[{"ev":"status","status":"error","message":"invalid params"}]',
    trades: (trades) => [
      `[${trades
        .map(({ symbol, id, micros, price, volume, taker }) =>
          isStocks
            ? `{"ev":"T","sym":"${symbol}","x":4,"i":"${id * 7}","z":3,"p":${price},"s":${volume},"c":[14],"t":${millis(micros)},"q":${id}}`
            : `{"ev":"XT","pair":"${symbol}","p":${price},"t":${millis(micros)},"s":${volume},"c":[${conditionOf(taker)}],"i":"${id}","x":${1 + (id % 2)},"r":${millis(micros) + 5}}`,
        )
        .join(',')}]`,
    ],
    heartbeat: () => [],
    rest: ({ path, query }, of) =>
      massiveRest({ path, query }, { of, isStocks, tickerOf, symbolOf, symbols }),
  }
}

function massiveRest(
  { path, query }: RestRequest,
  {
    of,
    isStocks,
    tickerOf,
    symbolOf,
    symbols,
  }: {
    readonly of: Of
    readonly isStocks: boolean
    readonly tickerOf: (symbol: string) => string
    readonly symbolOf: (ticker: string) => string
    readonly symbols: readonly string[]
  },
): unknown {
  if (path === '/v3/snapshot') {
    const known = new Set(symbols.map(tickerOf))
    const asked = (query.get('ticker.any_of') ?? '').split(',')
    return {
      status: 'OK',
      results: asked.map((ticker) =>
        known.has(ticker) ? { ticker } : { ticker, error: 'NOT_FOUND', message: 'Ticker not found.' },
      ),
    }
  }
  const ticker = decodeURIComponent(/^\/v3\/trades\/([^/]+)$/.exec(path)?.[1] ?? '')
  const { page, next } = pageOf(of(symbolOf(ticker)), query, Number(query.get('timestamp.gte')) / 1000)
  const rows = page.map(({ id, micros, price, volume, taker }) =>
    isStocks
      ? `{"conditions":[14],"exchange":4,"id":"${id * 7}","participant_timestamp":${micros}000,"price":${price},"sequence_number":${id},"sip_timestamp":${micros}123,"size":${volume},"tape":3}`
      : `{"conditions":[${conditionOf(taker)}],"exchange":${1 + (id % 2)},"id":"${id}","participant_timestamp":${micros}000,"price":${price},"size":${volume}}`,
  )
  const url =
    next === undefined
      ? ''
      : `,"next_url":"https://api.massive.com/v3/trades/${encodeURIComponent(ticker)}?cursor=${next}"`
  return `{"results":[${rows.join(',')}],"status":"OK"${url}}`
}

export const KEYED_DIALECTS: readonly Dialect[] = [
  alpacaLike('alpaca-iex', () => 'V', ['AAPL', 'SPY', 'BRK.B']),
  alpacaLike('alpaca-sip', (id) => ['V', 'Q', 'D'][id % 3] ?? '', ['AAPL', 'SPY', 'BRK.B']),
  alpacaLike('alpaca-crypto', undefined, ['BTC/USD', 'ETH/USD']),
  massiveLike('massive-stocks', true, ['AAPL', 'SPY', 'BRK.B']),
  massiveLike('massive-crypto', false, ['BTC-USD', 'ETH-USD']),
]
