import { afterEach, describe, expect, it } from 'vitest'

import { MissingKeysError } from '../../../feed/venues/keys.ts'
import { VenueDeniedError } from '../../../feed/venues/venue-feed.ts'
import { jsonOf } from '../../../functions/aggregator/unpack-record.ts'
import { eventually } from '../../support/eventually.ts'
import { KEYED_DIALECTS } from '../../venues/keyed-dialects.ts'
import type { MarketTrade } from '../../venues/market.ts'
import {
  KEYS,
  memoryPlaces,
  openStage,
  QUICK,
  type RunningFeed,
  sidesOn,
  type Stage,
  startFeed,
  tradesOn,
} from './running-feed.ts'

let stage: Stage
const running: RunningFeed[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((feed) => feed.stop().catch(() => undefined)))
  await stage.simulator.stop()
})

async function start(options: Parameters<typeof startFeed>[1] = {}): Promise<RunningFeed> {
  const feed = startFeed(stage, options)
  running.push(feed)
  await subscribed()
  return feed
}

const subscribed = (): Promise<boolean> =>
  eventually('the subscription', () =>
    stage.symbols.every((symbol) => stage.simulator.subscribed.has(symbol)),
  )

const plain = ({ symbol, price, volume }: Pick<MarketTrade, 'symbol' | 'price' | 'volume'>) => ({
  symbol,
  price,
  volume,
})
const put = (symbol: string) => tradesOn(stage.stream).filter((trade) => trade.symbol === symbol)

/** Waits until every trade of the market is on the stream, and expects each once and in order. */
async function expectAll(): Promise<void> {
  for (const symbol of stage.symbols) {
    await eventually(`all trades of ${symbol}`, () => put(symbol).length >= stage.market.of(symbol).length)
    expect(put(symbol).map(plain)).toEqual(stage.market.of(symbol).map(plain))
  }
}

describe.each(KEYED_DIALECTS.map(({ name }) => name))('%s', (name) => {
  it('puts each trade once, in order, with its time and the digits of the venue', async () => {
    stage = await openStage(name)
    await start()
    for (let index = 0; index < 300; index++) stage.simulator.trade(stage.symbols[index % 2] ?? '')
    await expectAll()
    for (const symbol of stage.symbols)
      expect(put(symbol).map(({ timestamp }) => Number(timestamp))).toEqual(
        stage.market.of(symbol).map(({ micros }) => micros / 1e6),
      )
    const lines = stage.stream.read().map(({ data }) => JSON.parse(jsonOf(data)))
    for (const record of lines) {
      expect(record.line).toMatch(new RegExp(`^${name}:`))
      expect(record).not.toHaveProperty('contiguous')
    }
  })

  it('says who took the liquidity where the venue does: of crypto', async () => {
    stage = await openStage(name)
    await start()
    const [symbol = ''] = stage.symbols
    for (let index = 0; index < 10; index++) stage.simulator.trade(symbol)
    stage.simulator.trade(symbol, { fate: 'cut-in-frame' })
    for (let index = 0; index < 10; index++) stage.simulator.trade(symbol)
    await eventually('a new connection', () => stage.simulator.connections >= 2)
    await expectAll()
    const takers = stage.market.of(symbol).map(({ taker }) => taker)
    expect(sidesOn(stage.stream, symbol)).toEqual(
      name.endsWith('-crypto') ? takers : takers.map(() => undefined),
    )
  })

  it('fetches what happened while it was not connected, in several pages, before what came after', async () => {
    stage = await openStage(name)
    const feed = await start()
    const [symbol = ''] = stage.symbols
    for (let index = 0; index < 50; index++) stage.simulator.trade(symbol)
    stage.simulator.trade(symbol, { fate: 'cut-in-frame' })
    for (let index = 0; index < 2500; index++) stage.simulator.trade(symbol)
    await eventually('a new connection', () => stage.simulator.connections >= 2)
    await subscribed()
    for (let index = 0; index < 20; index++) stage.simulator.trade(symbol)
    await expectAll()
    expect(feed.reports.join('\n')).toContain('the connection has ended')
    const { filled, duplicates } = await feed.stop()
    expect(filled).toBeGreaterThanOrEqual(2501)
    expect(filled + duplicates).toBeLessThanOrEqual(2521 + 20)
  })

  it('replaces a connection that is open and mute, and one that does not answer the subscription', async () => {
    stage = await openStage(name)
    const [symbol = ''] = stage.symbols
    stage.simulator.isDeaf = true
    const feed = startFeed(stage, { muteMs: 200 })
    running.push(feed)
    await eventually('a report', () =>
      feed.reports.some((text) => text.includes('no answer to the subscription')),
    )
    stage.simulator.isDeaf = false
    await subscribed()
    stage.simulator.trade(symbol)
    await expectAll()
    stage.simulator.isMute = true
    await eventually('a report', () => feed.reports.some((text) => text.includes('nothing came for 0.2 s')))
    stage.simulator.trade(symbol)
    stage.simulator.isMute = false
    await subscribed()
    stage.simulator.trade(symbol)
    await expectAll()
  })

  it('goes on from its place when it is started again, and puts nothing twice', async () => {
    stage = await openStage(name)
    const places = memoryPlaces()
    const [symbol = ''] = stage.symbols
    const first = await start({ places })
    for (let index = 0; index < 10; index++) stage.simulator.trade(symbol)
    await expectAll()
    await first.stop()
    for (let index = 0; index < 30; index++) stage.simulator.trade(symbol)
    await start({ places })
    await eventually('what was missed', () =>
      put(symbol).some(({ price }) => price === stage.market.of(symbol).at(-1)?.price),
    )
    stage.simulator.trade(symbol)
    const last = stage.market.of(symbol).at(-1)
    await eventually('the last', () => put(symbol).at(-1)?.price === last?.price)
    // What has a number of the venue's is put again, and counts once.
    const seen = new Map(lineTrades(symbol).map((trade) => [`${trade.line} ${trade.id}`, trade.price]))
    const byText = (one: string, other: string): number => one.localeCompare(other)
    expect([...seen.values()].toSorted(byText)).toEqual(
      stage.market
        .of(symbol)
        .map(({ price }) => String(Number(price)))
        .toSorted(byText),
    )
  })

  it('waits as long as a 429 says, and asks again after an answer that broke off or an error of the server', async () => {
    stage = await openStage(name)
    const feed = await start()
    const [symbol = ''] = stage.symbols
    for (let index = 0; index < 5; index++) stage.simulator.trade(symbol)
    await expectAll()
    stage.simulator.restFaults = [{ status: 429, retryAfter: '0.05' }, 'broken-off', { status: 503 }]
    stage.simulator.cutAll()
    for (let index = 0; index < 5; index++) stage.simulator.trade(symbol)
    await expectAll()
    expect(stage.simulator.restFaults).toEqual([])
    expect(feed.reports.join('\n')).toContain('it is asked too often (429); the next request is in 0.05 s')
    expect(feed.reports.join('\n')).toContain('missed trades cannot be fetched yet')
  })

  it('puts duplicates once, and goes on after frames that are none of the venue', async () => {
    stage = await openStage(name)
    const feed = await start()
    const [symbol = ''] = stage.symbols
    stage.simulator.trade(symbol, { fate: 'doubled' })
    for (const frame of ['{', '[]', '[{"T":"t"}]', '[{"ev":"T","sym":7}]', '"x"']) stage.simulator.say(frame)
    stage.simulator.trade(symbol)
    await expectAll()
    expect(feed.reports.filter((text) => text.includes('a frame that cannot be read'))).toHaveLength(3)
    expect((await feed.stop()).duplicates).toBe(1)
  })

  it('takes symbols in any case, leaves out what the venue does not have, and names what may be meant', async () => {
    stage = await openStage(name)
    const [symbol = ''] = stage.symbols
    stage = { ...stage, symbols: [symbol] }
    const misspelt = `${symbol.toLowerCase()}.`
    const feed = await start({ symbols: [symbol.toLowerCase(), misspelt] })
    stage.simulator.trade(symbol)
    await expectAll()
    expect(feed.reports).toContain(`${name}: it has no ${misspelt}; did you mean ${symbol}?`)
  })

  it('waits until another connection of the account has ended', async () => {
    stage = await openStage(name)
    stage.simulator.mostConnections = 0
    const feed = startFeed(stage, { muteMs: 200 })
    running.push(feed)
    await eventually('a report', () =>
      feed.reports.some((text) => /connection limit|number of websocket/.test(text)),
    )
    stage.simulator.mostConnections = 1
    await subscribed()
    stage.simulator.trade(stage.symbols[0] ?? '')
    await expectAll()
  })

  it('ends when the venue refuses the keys, or they are not set, and shows none', async () => {
    stage = await openStage(name)
    const wrong = Object.fromEntries(Object.keys(KEYS).map((key) => [key, 'a-wrong-key-of-a-user']))
    const { finished, reports } = startFeed(stage, { environment: wrong })
    await expect(finished).rejects.toThrow(VenueDeniedError)
    await expect(finished).rejects.toThrow(
      /it refuses: .*auth.*; check (APCA_API_KEY_ID|MASSIVE_API_KEY or POLYGON)/,
    )
    await expect(finished).rejects.not.toThrow('a-wrong-key-of-a-user')
    expect(reports.join()).toContain('its list of symbols cannot be read: 401')
    expect(reports.join()).not.toContain('a-wrong-key-of-a-user')
    await expect(startFeed(stage, { environment: {} }).finished).rejects.toThrow(MissingKeysError)
  })

  it('tells its keys to the venue alone, not in addresses and not in what it reports', async () => {
    stage = await openStage(name)
    const feed = await start()
    const [symbol = ''] = stage.symbols
    const own = stage.venue.keys?.flatMap(({ variables }) => variables) ?? []
    const said = Object.entries(KEYS).flatMap(([variable, value]) => (own.includes(variable) ? [value] : []))
    expect(said).not.toEqual([])
    stage.simulator.say(said.join(' '))
    stage.simulator.trade(symbol)
    stage.simulator.cutAll()
    stage.simulator.trade(symbol)
    await expectAll()
    await eventually('a report', () => feed.reports.some((text) => text.includes('cannot be read')))
    for (const key of said) {
      expect(stage.simulator.requests.join()).not.toContain(key)
      expect(feed.reports.join()).not.toContain(key)
    }
  })
})

/** Trades on the stream with their lines. */
function lineTrades(symbol: string) {
  return stage.stream.read().flatMap(({ data }) => {
    const record = JSON.parse(jsonOf(data))
    if (record.symbol !== symbol || record.ticks === undefined) return []
    return record.ticks.map(([, price, , id]: readonly unknown[]) => ({
      line: String(record.line),
      id: String(id),
      price: String(price),
    }))
  })
}

const records = () => stage.stream.read().map(({ data }) => JSON.parse(jsonOf(data)))

describe('what Alpaca takes back', () => {
  const said = (id: number, fields: string) =>
    `[{"S":"AAPL","i":${id},"z":"C","t":"2025-11-10T15:00:00.5Z",${fields}}]`

  it('is cancelled by the number and with the time of the trade, also where the feed numbers it', async () => {
    stage = await openStage('alpaca-sip')
    const feed = await start()
    // On three exchanges; the last shares its letter with others.
    for (let index = 0; index < 3; index++) stage.simulator.trade('AAPL')
    const trades = stage.market.of('AAPL')
    for (const [index, exchange] of ['Q', 'D', 'V'].entries()) {
      const { id = 0, price = '', volume = '' } = trades[index] ?? {}
      stage.simulator.say(said(id, `"T":"x","x":"${exchange}","p":${price},"s":${volume},"a":"C"`))
      stage.simulator.say(said(id, `"T":"x","x":"${exchange}","p":${price},"s":${volume},"a":"C"`))
    }
    await eventually('the cancels', () => records().filter(({ type }) => type === 'cancel').length === 3)
    const byPrice = new Map(lineTrades('AAPL').map((trade) => [trade.price, trade]))
    for (const [index, cancel] of records()
      .filter(({ type }) => type === 'cancel')
      .entries()) {
      const { micros = 0, price = '', volume = '' } = trades[index] ?? {}
      const { line, id } = byPrice.get(String(Number(price))) ?? {}
      expect(cancel).toMatchObject({ symbol: 'AAPL', line, id: Number(id), timestamp: micros / 1e6 })
      expect(cancel).toMatchObject({
        price: Number(price),
        volume: Number(volume),
        tape: 'C',
        conditions: ['@'],
      })
    }
    expect((await feed.stop()).cancelled).toBe(3)
  })

  it('is replaced by the corrected trade, at the time of the first, which can be cancelled in turn', async () => {
    stage = await openStage('alpaca-iex')
    await start()
    const { id, micros, price, volume } = stage.simulator.trade('AAPL')
    const original = `"oi":${id},"op":${price},"os":${volume},"oc":["@"]`
    stage.simulator.say(
      `[{"T":"c","S":"AAPL","x":"V","z":"C","t":"2025-11-10T15:00:09Z",${original},"ci":${id + 1},"cp":99.5,"cs":7,"cc":["@","I"]}]`,
    )
    stage.simulator.say(said(id + 1, '"T":"x","x":"V","p":99.5,"s":7,"a":"E"'))
    await eventually('the records', () => records().length === 4)
    expect(records()).toMatchObject([
      { ticks: [[micros / 1e6, Number(price), Number(volume), id, ['@']]] },
      { type: 'cancel', id },
      { ticks: [[micros / 1e6, 99.5, 7, id + 1, ['@', 'I']]] },
      { type: 'cancel', id: id + 1, price: 99.5, volume: 7, timestamp: micros / 1e6 },
    ])
  })

  it('is reported where the feed does not know the trade and the exchange has no number of its own', async () => {
    stage = await openStage('alpaca-sip')
    const feed = await start()
    stage.simulator.say(said(5, '"T":"x","x":"D","p":99,"s":7,"a":"C"'))
    stage.simulator.say(said(6, '"T":"x","x":"Q","p":99,"s":7,"a":"C"'))
    await eventually('the cancel', () => records().length === 1)
    expect(records()).toMatchObject([{ type: 'cancel', id: 6, line: 'alpaca-sip:Q:2025-11-10' }])
    expect(feed.reports.join('\n')).toContain(
      'a cancel of the trade D 5 at 99, which is no longer remembered',
    )
  })

  it('leaves the messages beside one that cannot be read', async () => {
    stage = await openStage('alpaca-iex')
    const feed = await start()
    stage.simulator.say(
      '[{"T":"t","S":"AAPL"},{"T":"t","S":"AAPL","i":3,"x":"V","p":1,"s":2,"t":"2025-11-10T15:00:00Z","z":"C"}]',
    )
    await eventually('the trade', () => records().length === 1)
    expect(feed.reports.join('\n')).toContain('a frame that cannot be read')
  })
})

it('fetches a hole of hours, although trades of now come with the answer to the subscription', async () => {
  stage = await openStage('alpaca-iex')
  await start()
  stage.simulator.trade('AAPL')
  await expectAll()
  stage.simulator.cutAll()
  for (let index = 0; index < 5; index++) stage.simulator.trade('AAPL', { afterMicros: 3_600_000_000 })
  stage.simulator.tradesWithAnswer = 2
  await eventually('a new connection', () => stage.simulator.connections === 2)
  await expectAll()
  expect(stage.market.of('AAPL')).toHaveLength(8)
})

it('numbers what comes after newer trades itself: the numbers of an exchange no longer grow', async () => {
  stage = await openStage('massive-stocks')
  await start({ limits: { ...QUICK, heldMs: 0, afterFailureMs: 200 } })
  for (let index = 0; index < 5; index++) stage.simulator.trade('AAPL')
  await expectAll()
  stage.simulator.restFaults = [{ status: 503 }]
  stage.simulator.cutAll()
  for (let index = 0; index < 40; index++) stage.simulator.trade('AAPL')
  await eventually('a new connection', () => stage.simulator.connections === 2)
  await subscribed()
  for (let index = 0; index < 40; index++) stage.simulator.trade('AAPL')
  await eventually('all', () => lineTrades('AAPL').length === 85)
  const late = lineTrades('AAPL').filter(({ line }) => line === 'massive-stocks:by-arrival')
  expect(late).toHaveLength(40)
  expect(new Set(late.map(({ id }) => id)).size).toBe(40)
})
