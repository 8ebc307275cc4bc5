import { rmSync } from 'node:fs'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { readRunning } from '../../bin/stage/running-deployment.ts'
import { hasPythonFrom } from '../support/python-package.ts'
import { prepareData, temporaryFolder } from './support/data-folder.ts'
import { type Started, startIn } from './support/start-in.ts'
import { installVendorClients, programsOf, type VendorClients } from './support/vendor-clients.ts'

/** Three symbols by so many minutes are more than the 10,000 bars of a page. */
const MINUTES = 3500

const barSchema = z.object({
  t: z.string(),
  o: z.number(),
  h: z.number(),
  l: z.number(),
  c: z.number(),
  v: z.number(),
  n: z.number(),
  vw: z.number(),
})
const pageSchema = z.object({
  bars: z.record(z.string(), z.array(barSchema)),
  next_page_token: z.string().nullable(),
})
type Bars = Record<string, z.infer<typeof barSchema>[]>

let folder: string
let started: Started
let clients: VendorClients
let api: { readonly url: string; readonly key: string }
/** The hours whose bars come no more. */
let span: { readonly start: string; readonly end: string }
/** Their bars, as `/v1` has them. */
let bars: Bars

beforeAll(async () => {
  folder = temporaryFolder()
  await prepareData(folder)
  started = await startIn(folder, '--history', String(MINUTES), '--interval', '60')
  const running = readRunning(folder)
  if (running.type !== 'running') throw new Error(`npm start does not run: ${started.printed()}`)
  api = running.deployment.api
  const now = Math.floor(Date.now() / 60_000) * 60_000
  span = {
    start: new Date(now - (MINUTES + 60) * 60_000).toISOString(),
    end: new Date(now - 15 * 60_000).toISOString(),
  }
  clients = await installVendorClients({ API: api.url, KEY: api.key, START: span.start, END: span.end })
  bars = await readAll(`/v1/bars?symbols=AAPL,MSFT,NVDA&start=${span.start}&end=${span.end}&limit=10000`)
})

afterAll(async () => {
  await started.interrupt()
  rmSync(folder, { recursive: true, force: true })
})

const get = async (path: string): Promise<unknown> =>
  (await fetch(`${api.url}${path}`, { headers: { 'x-api-key': api.key } })).json()

async function readAll(path: string): Promise<Bars> {
  const all: Bars = {}
  for (let token: string | null = ''; token !== null;) {
    const page = pageSchema.parse(await get(`${path}${token === '' ? '' : `&page_token=${token}`}`))
    for (const [symbol, list] of Object.entries(page.bars)) (all[symbol] ??= []).push(...list)
    token = page.next_page_token
  }
  return all
}

it('npm start has more bars than a page', () => {
  expect(Object.values(bars).flat().length).toBeGreaterThan(10_000)
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
    const rows = Object.entries(bars).map(([symbol, list]) => [
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
    connect().get_stock_bars(StockBarsRequest(symbol_or_symbols="AAPL", timeframe=TimeFrame.Day, adjustment=Adjustment.SPLIT, **span))
except APIError as error:
    show([error.status_code, error.code, error.message])
`),
    ).toEqual([
      400,
      40_010_000,
      'adjustment is "split"; allowed: raw, or none: prices are as they were traded',
    ])
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
    expect(found).toEqual(bars)
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

describe('the programs of docs/clients.md', () => {
  it.each(programsOf('Alpaca'))(
    'in $language have five lines and print bars',
    async ({ language, program }) => {
      expect(program.trimEnd().split('\n')).toHaveLength(5)
      if (language === 'python' && !hasPythonFrom(10)) return
      const printed = await (language === 'python' ? clients.python(program) : clients.javascript(program))
      expect(printed).toMatch(/open +high|c: \d/)
    },
  )
})
