import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { hasPythonFrom } from '../../support/python-package.ts'
import { type Expected, feedLive, type LiveMarket } from './feed-live.ts'
import { startCommand } from './run-command.ts'
import type { History } from './start-with-history.ts'
import { type Language, programsOf, type VendorClients } from './vendor-clients.ts'
import { waitFor } from './wait-for.ts'

const SYMBOL = 'LIVE.1'

const barSchema = z.object({
  t: z.string(),
  c: z.number(),
  h: z.number(),
  v: z.number(),
  n: z.number().optional(),
})
const linesSchema = z.object({
  bar: z.array(barSchema).optional(),
  corrected: z.array(barSchema).optional(),
  trade: z.array(z.object({ p: z.number(), s: z.number() })).optional(),
})
type Lines = z.infer<typeof linesSchema>

/** A program that prints a line of JSON for each thing that it receives: `{"bar":[...]}`, `corrected`, `trade`. */
type Program = { readonly name: string; readonly language: Language; readonly program: string }

const ALPACA_PY = (kind: string, path: string): string => `
import json, os
from alpaca.data.live import ${kind}
from alpaca.data.models import Bar
def printer(name):
    async def show(each):
        values = dict(t=each.timestamp.strftime("%Y-%m-%dT%H:%M:%SZ"), c=each.close, h=each.high, v=each.volume, n=each.trade_count) if isinstance(each, Bar) else dict(p=each.price, s=each.size)
        print(json.dumps({name: [values]}), flush=True)
    return show
stream = ${kind}("any", os.environ["KEY"], url_override=os.environ["STREAM"] + "${path}")
stream.subscribe_bars(printer("bar"), "${SYMBOL}")
stream.subscribe_updated_bars(printer("corrected"), "${SYMBOL}")
stream.subscribe_trades(printer("trade"), "${SYMBOL}")
stream.run()
`
const MASSIVE_PY = (module: string): string => `
import json, os
from datetime import datetime, timezone
from ${module} import WebSocketClient
def show(messages):
    for each in messages:
        if each.event_type == "T":
            print(json.dumps({"trade": [dict(p=each.price, s=each.size)]}), flush=True)
        else:
            t = datetime.fromtimestamp(each.start_timestamp / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            print(json.dumps({"bar": [dict(t=t, c=each.close, h=each.high, v=each.volume)]}), flush=True)
client = WebSocketClient(os.environ["KEY"], feed=os.environ["STREAM"].removeprefix("ws://"), secure=False, subscriptions=["AM.${SYMBOL}", "T.${SYMBOL}"])
client.run(show)
`
const SHOW = `
const { STREAM, KEY } = process.env
const show = (name, value) => console.log(JSON.stringify({ [name]: [value] }))
const time = (milliseconds) => new Date(milliseconds).toISOString().replace('.000Z', 'Z')
`
const ALPACA_JS = `
import { streaming } from '@alpacahq/alpaca-trade-api'
${SHOW}
const stream = new streaming.StockDataStream({ credentials: { keyId: 'any', secret: KEY }, url: STREAM + '/v2/iex' })
const bar = ({ timestamp, close: c, high: h, volume: v, tradeCount: n }) => ({ t: time(timestamp), c, h, v, n })
stream.onBar((each) => show('bar', bar(each))).onUpdatedBar((each) => show('corrected', bar(each)))
stream.onTrade(({ price: p, size: s }) => show('trade', { p, s }))
stream.subscribeForBars(['${SYMBOL}'])
stream.subscribeForUpdatedBars(['${SYMBOL}'])
stream.subscribeForTrades(['${SYMBOL}'])
stream.connect()
`
const ALPACA_JS_BEFORE = `
import Alpaca from 'alpaca-before'
${SHOW}
const socket = new Alpaca({ keyId: 'any', secretKey: KEY, feed: 'iex' }).data_stream_v2
socket.session.url = STREAM + '/v2/iex'
const bar = ({ Timestamp, ClosePrice: c, HighPrice: h, Volume: v, TradeCount: n }) => ({ t: time(Timestamp), c, h, v, n })
socket.onConnect(() => {
  socket.subscribeForBars(['${SYMBOL}'])
  socket.subscribeForUpdatedBars(['${SYMBOL}'])
  socket.subscribeForTrades(['${SYMBOL}'])
})
socket.onStockBar((each) => show('bar', bar(each)))
socket.onStockUpdatedBar((each) => show('corrected', bar(each)))
socket.onStockTrade(({ Price: p, Size: s }) => show('trade', { p, s }))
socket.connect()
`
const POLYGON_JS = `
import { websocketClient } from '@polygon.io/client-js'
${SHOW}
const socket = websocketClient(KEY, STREAM).stocks()
socket.onmessage = ({ data }) => {
  for (const each of JSON.parse(data)) {
    if (each.status === 'auth_success') socket.send(JSON.stringify({ action: 'subscribe', params: 'AM.${SYMBOL},T.${SYMBOL}' }))
    if (each.ev === 'AM') show('bar', { t: time(each.s), c: each.c, h: each.h, v: each.v })
    if (each.ev === 'T') show('trade', { p: each.p, s: each.s })
  }
}
`

const PROGRAMS: readonly Program[] = [
  { name: 'alpaca-py, stocks', language: 'python', program: ALPACA_PY('StockDataStream', '/v2/iex') },
  {
    name: 'alpaca-py, pairs',
    language: 'python',
    program: ALPACA_PY('CryptoDataStream', '/v1beta3/crypto/us'),
  },
  { name: '@alpacahq/alpaca-trade-api', language: 'javascript', program: ALPACA_JS },
  { name: '@alpacahq/alpaca-trade-api 3', language: 'javascript', program: ALPACA_JS_BEFORE },
  { name: 'massive', language: 'python', program: MASSIVE_PY('massive') },
  { name: 'polygon-api-client', language: 'python', program: MASSIVE_PY('polygon') },
  { name: '@polygon.io/client-js', language: 'javascript', program: POLYGON_JS },
]

function linesOf(printed: string): readonly Lines[] {
  const lines = printed.split('\n').slice(0, -1)
  return lines.flatMap((line) => (line.startsWith('{') ? linesSchema.parse(JSON.parse(line)) : []))
}

/** What clients of other vendors receive, live, of an `npm start`. */
export function describeStreams(of: { history: () => History; clients: () => VendorClients }): void {
  let market: LiveMarket
  beforeAll(() => {
    market = feedLive(of.history().running, SYMBOL)
  })
  afterAll(() => market.stop())
  const isThere = (language: Language): boolean => language === 'javascript' || hasPythonFrom(10)

  it.concurrent.each(PROGRAMS.filter(({ language }) => isThere(language)))(
    '$name receives bars, corrections and trades, with the numbers that were put in',
    async ({ language, program, name }) => {
      const isAlpaca = name.includes('alpaca')
      const enough = (printed: string): boolean => {
        const lines = linesOf(printed)
        const count = (kind: keyof Lines) => lines.filter((line) => kind in line).length
        const bars = isAlpaca ? Math.min(count('bar'), count('corrected')) : count('bar') / 2
        return bars >= 3 && count('trade') >= 2
      }
      const lines = linesOf(await of.clients().until(language, program, enough))
      expect(lines.length).toBeGreaterThan(2)
      for (const { bar: [bar] = [], corrected: [corrected] = [], trade: [trade] = [] } of lines) {
        if (bar !== undefined) expect(numbersOf(market, bar.t, isAlpaca)).toContainEqual(bar)
        if (corrected !== undefined) expect(corrected).toEqual(market.expected.get(corrected.t)?.corrected)
        if (trade !== undefined) expectTrade(market, trade)
      }
    },
  )

  it.concurrent.each(refusals().filter(({ language }) => isThere(language)))(
    '$name is told of a wrong key',
    async ({ language, program, told }) => {
      const printed = await of.clients().until(language, program, (text) => told.test(text))
      expect(linesOf(printed)).toEqual([])
    },
  )

  it('a bridge of its own serves them too, given the two APIs and a key', async () => {
    const { api, webSocketUrl = '' } = of.history().running
    const given = ['--port', '0', '--stage', 'elsewhere', '--api', api.url, '--url', webSocketUrl]
    const bridge = startCommand(['bridge', ...given], { TICKSTOCK_KEY: api.key })
    await waitFor(() => bridge.printed().includes('/stocks'), 'the bridge to listen')
    const [, url = ''] = /Massive \((ws:.*?)\/stocks/.exec(bridge.printed()) ?? []
    const socket = new WebSocket(`${url}/v2/iex`, { headers: { 'APCA-API-SECRET-KEY': api.key } })
    let heard = ''
    socket.addEventListener('message', ({ data }) => {
      heard += String(data)
      if (heard.endsWith('"authenticated"}]'))
        socket.send(JSON.stringify({ action: 'subscribe', bars: [SYMBOL] }))
    })
    await waitFor(() => heard.includes('"T":"b"'), 'a bar')
    bridge.interrupt()
    expect(await bridge.ended).toMatchObject({ code: 0, stderr: expect.stringContaining('stopping') })
  })

  describe.concurrent.each([...programsOf('Streams')])(
    'the program in $language of docs/clients.md',
    (given) => {
      const language = given.language === 'python' ? 'python' : 'javascript'
      it.skipIf(!isThere(language))('has up to five lines and prints bars', async () => {
        expect(given.program.trimEnd().split('\n').length).toBeLessThanOrEqual(5)
        const program = given.program.replaceAll('AAPL', SYMBOL)
        const printed = await of
          .clients()
          .until(language, program, (text) => /close[=:] ?'?\d|"c":\d/.test(text))
        expect(printed).toContain(SYMBOL)
      })
    },
  )
}

/** The last of the trades since the message before, and all of their volume. */
function expectTrade({ expected }: LiveMarket, { p, s }: NonNullable<Lines['trade']>[number]): void {
  const prices = [...expected.values()].flatMap(({ bar, corrected }) => [bar.c, corrected.h])
  expect(prices).toContain(p)
  expect([5, 10, 15]).toContain(s)
}

function refusals(): readonly (Program & { readonly told: RegExp })[] {
  const told: Readonly<Record<string, RegExp>> = {
    'alpaca-py, stocks': /auth failed: the key is none of this deployment/,
    '@alpacahq/alpaca-trade-api': /^"auth failed"/m,
    '@alpacahq/alpaca-trade-api 3': /^"auth failed"/m,
    massive: /AuthError: the key is none of this deployment/,
    'polygon-api-client': /AuthError: the key is none of this deployment/,
    '@polygon.io/client-js': /^"auth_failed"/m,
  }
  const wrong = (program: string): string =>
    program
      .replace('os.environ["KEY"]', '"A" * 40')
      .replace(
        '{ STREAM, KEY } = process.env',
        "{ STREAM, KEY = 'A'.repeat(40) } = { STREAM: process.env.STREAM }",
      )
      .replace('stream.connect()', "stream.on('error', (fault) => console.log(JSON.stringify(fault)))\n$&")
      .replace('socket.connect()', 'socket.onError((fault) => console.log(JSON.stringify(fault)))\n$&')
      .replace('if (each.ev', 'if (each.ev === "status") console.log(JSON.stringify(each.status))\n$&')
  return PROGRAMS.flatMap((each) => {
    const pattern = told[each.name]
    return pattern === undefined ? [] : { ...each, program: wrong(each.program), told: pattern }
  })
}

/** A bar may be first as it closed, or, of Massive, which has no corrections of its own, as it was corrected. */
function numbersOf({ expected }: LiveMarket, t: string, isAlpaca: boolean): readonly object[] {
  const { bar, corrected }: Partial<Expected> = expected.get(t) ?? {}
  if (bar === undefined || corrected === undefined) return []
  const without = ({ n: _n, ...numbers }: Expected['bar'] | Expected['corrected']) => numbers
  return isAlpaca ? [bar] : [without(bar), without(corrected)]
}
