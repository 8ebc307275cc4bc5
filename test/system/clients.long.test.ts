import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { hasPythonFrom } from '../support/python-package.ts'
import { describeStreams } from './support/describe-streams.ts'
import { type History, type PlainBar, startWithHistory } from './support/start-with-history.ts'
import { installVendorClients, programsOf, type VendorClients } from './support/vendor-clients.ts'

let history: History
let clients: VendorClients

beforeAll(async () => {
  history = await startWithHistory()
  const { api, span } = history
  const STREAM = api.url.replace(/^http/, 'ws')
  clients = await installVendorClients({
    API: api.url,
    STREAM,
    KEY: api.key,
    START: span.start,
    END: span.end,
  })
})

afterAll(() => history.stop())

it('npm start has more bars than a page', () => {
  expect(Object.values(history.bars).flat().length).toBeGreaterThan(10_000)
})

describe.skipIf(!hasPythonFrom(10))('alpaca-py', () => {
  const client = `
import json, os
from datetime import datetime
from alpaca.common.exceptions import APIError
from alpaca.data import *
from alpaca.data.requests import *
from alpaca.data.historical.screener import ScreenerClient
def connect(kind=StockHistoricalDataClient, **given):
    given = given or {"api_key": "any", "secret_key": os.environ["KEY"]}
    return kind(url_override=os.environ["API"], **given)
def show(value):
    print(json.dumps(value, default=lambda time: time.strftime("%Y-%m-%dT%H:%M:%SZ")))
span = {name.lower(): datetime.fromisoformat(os.environ[name]) for name in ("START", "END")}
`
  const ask = async (program: string): Promise<unknown> =>
    JSON.parse(await clients.python(`${client}${program}`))

  it('reads history, several pages of it, with the numbers of /v1', async () => {
    const found = await ask(`
wanted = StockBarsRequest(symbol_or_symbols=["AAPL", "MSFT", "NVDA"], timeframe=TimeFrame.Minute, feed=DataFeed.IEX, asof="2025-11-10", adjustment=Adjustment.RAW, **span)
show(connect().get_stock_bars(wanted).dict())
`)
    const rows = Object.entries(history.bars).map(([symbol, list]) => [
      symbol,
      list.map(({ t, o, h, l, c, v, n, vw }) => ({
        symbol,
        timestamp: t,
        open: o,
        high: h,
        low: l,
        close: c,
        volume: v,
        trade_count: n,
        vwap: vw,
      })),
    ])
    expect(found).toEqual(Object.fromEntries(rows))
  })

  it('reads newest bars, snapshots and the screener', async () => {
    const [newest, snapshots, movers, active] = z
      .tuple([z.record(z.string(), z.string()), z.object().loose(), z.object().loose(), z.object().loose()])
      .parse(
        await ask(`
newest = connect().get_stock_latest_bar(StockLatestBarRequest(symbol_or_symbols=["AAPL", "MSFT"]))
pairs = connect(CryptoHistoricalDataClient).get_crypto_latest_bar(CryptoLatestBarRequest(symbol_or_symbols="AAPL"))
snapshots = connect().get_stock_snapshot(StockSnapshotRequest(symbol_or_symbols=["AAPL", "MSFT"]))
screener = connect(ScreenerClient)
show([{symbol: str(bar.symbol) for symbol, bar in [*newest.items(), *pairs.items()]},
  {symbol: snapshot.model_dump() for symbol, snapshot in snapshots.items()},
  screener.get_market_movers(MarketMoversRequest(top=3)).model_dump(),
  screener.get_most_actives(MostActivesRequest(top=3)).model_dump()])
`),
      )
    expect(newest).toEqual({ AAPL: 'AAPL', MSFT: 'MSFT' })
    expect(snapshots).toMatchObject({
      AAPL: {
        latest_trade: null,
        latest_quote: null,
        minute_bar: { symbol: 'AAPL' },
        previous_daily_bar: { symbol: 'AAPL' },
      },
    })
    expect(movers).toMatchObject({ market_type: 'stocks' })
    expect(active).toMatchObject({ most_actives: [{}, {}, {}] })
  })

  it('sends its key as Bearer and Basic too, and gets the error of a wrong one', async () => {
    expect(
      await ask(`
wanted = StockLatestBarRequest(symbol_or_symbols="AAPL")
def ask(**given):
    try:
        return list(connect(**given).get_stock_latest_bar(wanted))
    except APIError as error:
        return [error.status_code, error.code]
key = os.environ["KEY"]
show([ask(oauth_token=key), ask(api_key="any", secret_key=key, use_basic_auth=True),
  ask(api_key="any", secret_key="A" * 40), ask(api_key="any", secret_key="none"), ask(oauth_token="not.a.key")])
`),
    ).toEqual([['AAPL'], ['AAPL'], [401, 40_110_000], [401, 40_110_000], [401, 40_110_000]])
  })

  it('gets what is refused as an error of Alpaca', async () => {
    expect(
      await ask(`
try:
    connect().get_stock_bars(StockBarsRequest(symbol_or_symbols="AAPL", timeframe=TimeFrame.Day, adjustment=Adjustment.ALL, **span))
    connect().get_stock_bars(StockBarsRequest(symbol_or_symbols="AAPL", timeframe=TimeFrame.Day, asof="2025-11-10T14:31:00Z", **span))
except APIError as error:
    show([error.status_code, error.code, error.message])
`),
    ).toEqual([400, 40_010_000, expect.stringMatching(/^asof is "2025-11-10T14:31:00Z"; allowed: a day/)])
  })
})

describe('@alpacahq/alpaca-trade-api', () => {
  const client = `
import { marketData, pagination } from '@alpacahq/alpaca-trade-api'
const { API: basePath, KEY, START, END } = process.env
const settings = (secret = KEY) => new marketData.Configuration({ basePath, keyId: 'any', secret })
// Alpaca's pairs need no key, so their class sends none by itself.
const open = new marketData.Configuration({ basePath, headers: { 'x-api-key': KEY } })
const stocks = new marketData.StockApi(settings())
const show = (value) => console.log(JSON.stringify(value))
`
  const ask = async (program: string): Promise<unknown> =>
    JSON.parse(await clients.javascript(`${client}${program}`))

  it('reads history, several pages of it, with the numbers of /v1', async () => {
    const found = await ask(`
const wanted = { symbols: 'AAPL,MSFT,NVDA', timeframe: '1Min', start: new Date(START), end: new Date(END), limit: 10000, feed: 'iex' }
show(await pagination.collectBySymbol(async (pageToken) => {
  const { bars: data, nextPageToken } = await stocks.stockBars({ ...wanted, pageToken })
  return { data, nextPageToken }
}))
`)
    expect(found).toEqual(history.bars)
  })

  it('reads newest bars, snapshots and the screener, and gets the error of a wrong key', async () => {
    expect(
      await ask(`
const { bars } = await stocks.stockLatestBars({ symbols: 'AAPL,MSFT' })
const { bars: single } = await new marketData.CryptoApi(open).cryptoLatestBars({ loc: 'us', symbols: 'NVDA' })
const snapshots = await stocks.stockSnapshots({ symbols: 'AAPL' })
const { gainers, losers } = await new marketData.ScreenerApi(settings()).movers({ marketType: 'stocks', top: 3 })
const refused = await new marketData.StockApi(settings('A'.repeat(40))).stockLatestBars({ symbols: 'AAPL' }).catch(({ status, code }) => [status, code])
show([Object.keys(bars), Object.keys(single), Object.keys(JSON.parse(JSON.stringify(snapshots.AAPL))), gainers.length + losers.length, refused])
`),
    ).toEqual([
      ['AAPL', 'MSFT'],
      ['NVDA'],
      ['dailyBar', 'minuteBar', 'prevDailyBar'],
      expect.any(Number),
      [401, 40_110_000],
    ])
  })
})

it('@alpacahq/alpaca-trade-api 3 reads pages of one symbol, its newest bar and its snapshot', async () => {
  const printed = await clients.javascript(`
import Alpaca from 'alpaca-before'
const { API: dataBaseUrl, KEY, START: start, END: end } = process.env
const connect = (secretKey) => new Alpaca({ keyId: 'any', secretKey, dataBaseUrl, paper: true })
const client = connect(KEY)
const closes = []
for await (const bar of client.getBarsV2('AAPL', { start, end, timeframe: '1Min', limit: 250, pageLimit: 100, feed: 'iex' }))
  closes.push(bar.ClosePrice)
const newest = await client.getLatestBar('AAPL')
const snapshot = await client.getSnapshot('AAPL')
const pairs = await client.getCryptoBars(['NVDA'], { start, end, timeframe: '1Hour' })
const refused = await connect('A'.repeat(40)).getLatestBar('AAPL').catch((error) => error.message)
console.log(JSON.stringify([closes, newest.ClosePrice > 0, snapshot.PrevDailyBar.ClosePrice > 0, pairs.get('NVDA').length > 50, refused]))
`)
  expect(JSON.parse(printed)).toEqual([
    history.bars['AAPL']?.slice(0, 250).map(({ c }) => c),
    true,
    true,
    true,
    expect.stringMatching(/^code: 401, message: .*key/),
  ])
})

/** A bar as Massive has it, by its start. */
const asMassive = ({ t, ...bar }: PlainBar) => ({ ...bar, t: Date.parse(t) })

describe.skipIf(!hasPythonFrom(10)).each(['massive', 'polygon'])('the Python client %s', (module) => {
  const client = `
import json, os
from datetime import date, datetime, timedelta
from ${module} import RESTClient
from ${module}.exceptions import BadResponse
def connect(key=os.environ["KEY"]):
    return RESTClient(key, base=os.environ["API"])
def at(name):
    return int(datetime.fromisoformat(os.environ[name]).timestamp() * 1000)
def show(value):
    print(json.dumps(value, default=lambda each: each.__dict__))
`
  const ask = async (program: string): Promise<unknown> =>
    JSON.parse(await clients.python(`${client}${program}`))

  it('reads history, several pages of it, with the numbers of /v1', async () => {
    const found = await ask(`
bars = connect().list_aggs("AAPL", 1, "minute", at("START"), at("END"), adjusted=False, limit=1000)
show([dict(o=b.open, h=b.high, l=b.low, c=b.close, v=b.volume, n=b.transactions, vw=b.vwap, t=b.timestamp) for b in bars])
`)
    expect(found).toEqual(history.bars['AAPL']?.map(asMassive))
  })

  it('reads days, snapshots, indicators, tickers', async () => {
    const found = await ask(`
client = connect()
yesterday = date.today() - timedelta(days=1)
show([
  [day.ticker for day in client.get_grouped_daily_aggs(str(yesterday))],
  [day.ticker for day in client.get_previous_close_agg("AAPL")],
  client.get_daily_open_close_agg("AAPL", str(yesterday)).symbol,
  [each.ticker for each in client.get_snapshot_all("stocks", ["AAPL", "MSFT"])],
  client.get_snapshot_ticker("stocks", "AAPL").prev_day.close > 0,
  sorted(each.ticker for side in ("gainers", "losers") for each in client.get_snapshot_direction("stocks", side)),
  [len(client.get_sma("AAPL", timespan="minute", window=50, limit=7).values),
   len(client.get_ema("AAPL", timespan="minute", window=20).values),
   len(client.get_rsi("AAPL", timespan="minute").values),
   [value.histogram is None for value in client.get_macd("AAPL", timespan="minute", limit=1).values]],
  [each.ticker for each in client.list_tickers(limit=1)],
])
`)
    expect(found).toEqual([
      ['AAPL', 'MSFT', 'NVDA'],
      ['AAPL'],
      'AAPL',
      ['AAPL', 'MSFT'],
      true,
      expect.any(Array),
      [7, 10, 10, [false]],
      ['AAPL', 'MSFT', 'NVDA'],
    ])
  })

  it('gets the error of a wrong key, and of what is refused', async () => {
    const found = await ask(`
def refused(client, **more):
    try:
        client.get_aggs("AAPL", 1, "day", "2025-11-10", "2025-11-11", **more)
    except BadResponse as error:
        return json.loads(str(error))
show([refused(connect("A" * 40)), refused(connect(), adjusted=True, limit=0)])
`)
    expect(found).toEqual([
      expect.objectContaining({ status: 401, message: expect.stringContaining('key') }),
      {
        status: 'ERROR',
        request_id: expect.stringMatching(/./),
        error: expect.stringMatching(/^limit is "0"; allowed: a whole number/),
      },
    ])
  })
})

describe('@polygon.io/client-js', () => {
  const ask = async (program: string): Promise<unknown> =>
    JSON.parse(
      await clients.javascript(`
import { restClient } from '@polygon.io/client-js'
const { API, KEY, START, END } = process.env
const client = restClient(KEY, API)
const show = (value) => console.log(JSON.stringify(value))
${program}`),
    )

  it('reads history with the numbers of /v1, and the newest', async () => {
    const [minutes, ...newest] = z
      .tuple([z.array(z.unknown())])
      .rest(z.unknown())
      .parse(
        await ask(`
const time = (text) => String(Date.parse(text))
const { results, next_url } = await client.getStocksAggregates('AAPL', 1, 'minute', time(START), time(END), false, 'asc', 50000)
const { ticker } = await client.getStocksSnapshotTicker('AAPL')
const { tickers } = await client.getStocksSnapshotTickers()
show([results, next_url ?? null, ticker.ticker, tickers.map((each) => each.ticker)])
`),
      )
    expect(minutes).toEqual(history.bars['AAPL']?.map(asMassive))
    expect(newest).toEqual([null, 'AAPL', ['AAPL', 'MSFT', 'NVDA']])
  })

  it('gets the error of a wrong key', async () => {
    expect(
      await ask(`
const wrong = restClient('A'.repeat(40), API)
show(await wrong.getPreviousStocksAggregates('AAPL').catch(({ response }) => response.status))
`),
    ).toBe(401)
  })
})

describe('the programs of docs/clients.md', () => {
  it.each([...programsOf('Alpaca'), ...programsOf('Massive (Polygon)')])(
    'in $language have five lines and print bars',
    async ({ language, program }) => {
      expect(program.trimEnd().split('\n')).toHaveLength(5)
      if (language === 'python' && !hasPythonFrom(10)) return
      const printed = await (language === 'python' ? clients.python(program) : clients.javascript(program))
      expect(printed).toMatch(/open +high|c: \d|close=\d/)
    },
  )
})

describe('the streams', () => {
  describeStreams({ history: () => history, clients: () => clients })
})
