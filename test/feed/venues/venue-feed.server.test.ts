import { afterEach, describe, expect, it } from 'vitest'

import { UnknownSymbolsError } from '../../../feed/venues/usable-symbols.ts'
import { jsonOf } from '../../../functions/aggregator/unpack-record.ts'
import { eventually } from '../../support/eventually.ts'
import { DIALECTS, krakenDialect } from '../../venues/dialects.ts'
import { VenueSimulator } from '../../venues/simulator.ts'
import {
  idsOn,
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

async function start(
  options: Parameters<typeof startFeed>[1] = {},
  known: readonly string[] = stage.symbols,
): Promise<RunningFeed> {
  const feed = startFeed(stage, options)
  running.push(feed)
  await subscribed(known)
  return feed
}

const subscribed = (symbols: readonly string[]): Promise<boolean> =>
  eventually('the subscription', () => symbols.every((symbol) => stage.simulator.subscribed.has(symbol)))

/** Waits until every trade of the market is on the stream. */
async function arrived(): Promise<void> {
  for (const symbol of stage.symbols) {
    const ids = stage.market.of(symbol).map(({ id }) => id)
    await eventually(`all trades of ${symbol}`, () => {
      const found = new Set(idsOn(stage.stream, symbol))
      return ids.every((id) => found.has(id))
    })
  }
}

describe.each(DIALECTS.map(({ name }) => name))('%s', (name) => {
  it('puts each trade once, in order, with its id and the digits of the venue', async () => {
    stage = await openStage(name)
    await start()
    for (let index = 0; index < 300; index++) stage.simulator.trade(stage.symbols[index % 2] ?? '')
    await arrived()
    for (const symbol of stage.symbols)
      expect(tradesOn(stage.stream).filter((trade) => trade.symbol === symbol)).toEqual(
        stage.market.of(symbol).map(({ id, price, volume, micros }) => ({
          symbol,
          id,
          price,
          volume,
          timestamp: expect.toSatisfy((text: string) => Number(text) === micros / 1e6),
        })),
      )
    const [first] = stage.stream.read()
    expect(JSON.parse(jsonOf(first?.data ?? Buffer.alloc(0)))).toMatchObject({
      line: name,
      contiguous: true,
    })
  })

  it('fetches what was lost, and puts it before what came after', async () => {
    stage = await openStage(name)
    const feed = await start()
    for (let index = 0; index < 100; index++)
      stage.simulator.trade(stage.symbols[0] ?? '', { fate: index >= 20 && index < 60 ? 'lost' : 'sent' })
    await arrived()
    expect(idsOn(stage.stream, stage.symbols[0] ?? '')).toEqual(
      Array.from({ length: 100 }, (_, index) => 1000 + index),
    )
    expect(await feed.stop()).toEqual({ trades: 100, duplicates: 0, filled: 40, missing: 0, cancelled: 0 })
    expect(feed.reports.join('\n')).toContain('40 trades were missing and have been fetched')
  })

  it('says who took the liquidity, of trades that were sent and of those that were fetched', async () => {
    stage = await openStage(name)
    await start()
    const [symbol = ''] = stage.symbols
    for (let index = 0; index < 30; index++)
      stage.simulator.trade(symbol, { fate: index >= 10 && index < 20 ? 'lost' : 'sent' })
    await arrived()
    const takers = stage.market.of(symbol).map(({ taker }) => taker)
    expect(new Set(takers).size).toBe(2)
    expect(sidesOn(stage.stream, symbol)).toEqual(takers)
  })

  it('does not say it where that is not wanted', async () => {
    stage = await openStage(name)
    await start({ sides: false })
    const [symbol = ''] = stage.symbols
    stage.simulator.trade(symbol)
    await arrived()
    expect(sidesOn(stage.stream, symbol)).toEqual([undefined])
  })

  it('fetches a gap of several pages', async () => {
    stage = await openStage(name)
    await start()
    for (let index = 0; index < 3502; index++)
      stage.simulator.trade(stage.symbols[0] ?? '', { fate: index > 0 && index < 3501 ? 'lost' : 'sent' })
    await arrived()
    expect(idsOn(stage.stream, stage.symbols[0] ?? '')).toHaveLength(3502)
  })

  it('fetches hundreds of single trades with a request for each page', async () => {
    stage = await openStage(name)
    const feed = await start()
    const [symbol = ''] = stage.symbols
    for (let index = 0; index < 1002; index++)
      stage.simulator.trade(symbol, { fate: index % 2 === 1 && index < 1000 ? 'lost' : 'sent' })
    await arrived()
    expect(await feed.stop()).toMatchObject({ trades: 1002, filled: 500, missing: 0 })
    expect(stage.simulator.requests.length).toBeLessThan(10)
  })

  it('gives up what the venue no longer has, and says so', async () => {
    stage = await openStage(name)
    const feed = await start()
    const [symbol = ''] = stage.symbols
    stage.simulator.oldestId = 1040
    for (let index = 0; index < 100; index++)
      stage.simulator.trade(symbol, { fate: index >= 20 && index < 60 ? 'lost' : 'sent' })
    await eventually('the newest trade', () => idsOn(stage.stream, symbol).includes(1099))
    expect(idsOn(stage.stream, symbol)).toHaveLength(80)
    expect(await feed.stop()).toEqual({ trades: 80, duplicates: 0, filled: 20, missing: 20, cancelled: 0 })
    expect(feed.reports.join('\n')).toContain('20 trades are missing, which the venue no longer gives')
  })

  it('connects again after the venue ended the connection in mid-frame, and fills the hole', async () => {
    stage = await openStage(name)
    const feed = await start()
    const [symbol = ''] = stage.symbols
    for (let index = 0; index < 50; index++) stage.simulator.trade(symbol)
    stage.simulator.trade(symbol, { fate: 'cut-in-frame' })
    for (let index = 0; index < 20; index++) stage.simulator.trade(symbol)
    await eventually('a new connection', () => stage.simulator.connections >= 2)
    await subscribed([symbol])
    stage.simulator.trade(symbol)
    await arrived()
    expect(feed.reports.join('\n')).toContain('the connection has ended')
    expect((await feed.stop()).missing).toBe(0)
  })

  it('replaces a connection that is open and mute', async () => {
    stage = await openStage(name)
    const feed = await start({ muteMs: 100 })
    const [symbol = ''] = stage.symbols
    stage.simulator.trade(symbol)
    stage.simulator.isMute = true
    await eventually('a report', () =>
      feed.reports.some((report) => report.includes('nothing came for 0.1 s')),
    )
    stage.simulator.isMute = false
    await eventually(
      'a new subscription',
      () => stage.simulator.connections >= 2 && stage.simulator.subscribed.has(symbol),
    )
    stage.simulator.trade(symbol)
    await arrived()
    expect(idsOn(stage.stream, symbol)).toEqual([1000, 1001])
  })

  it('replaces a connection that answers pings and not the subscription', async () => {
    stage = await openStage(name)
    const [symbol = ''] = stage.symbols
    stage.simulator.isDeaf = true
    const feed = await start({ muteMs: 200 }, [])
    await eventually('a report', () =>
      feed.reports.some((report) =>
        report.includes(`no answer to the subscription of ${stage.symbols.join(', ')}`),
      ),
    )
    stage.simulator.isDeaf = false
    await subscribed(stage.symbols)
    stage.simulator.trade(symbol)
    await arrived()
    expect(idsOn(stage.stream, symbol)).toEqual([1000])
  })

  it('opens the next connection before the venue ends the old one', async () => {
    stage = await openStage(name)
    const [symbol = ''] = stage.symbols
    const feed = await start({ venue: { ...stage.venue, lifetimeMs: 200 } })
    for (let index = 0; stage.simulator.connections < 4; index++) {
      stage.simulator.trade(symbol)
      await eventually('it', () => idsOn(stage.stream, symbol).includes(1000 + index))
    }
    expect(feed.reports.filter((report) => report.includes('has ended'))).toEqual([])
    expect((await feed.stop()).filled).toBe(0)
  })

  it('goes on from its place when it is started again, and puts what happened meanwhile first', async () => {
    stage = await openStage(name)
    const places = memoryPlaces()
    const [symbol = ''] = stage.symbols
    const first = await start({ places })
    for (let index = 0; index < 10; index++) stage.simulator.trade(symbol)
    await arrived()
    await first.stop()
    for (let index = 0; index < 30; index++) stage.simulator.trade(symbol)
    await start({ places })
    stage.simulator.trade(symbol)
    await arrived()
    expect(idsOn(stage.stream, symbol)).toEqual(Array.from({ length: 41 }, (_, index) => 1000 + index))
  })

  it('waits as long as a 429 says, and asks again after an answer that broke off or an error of the server', async () => {
    stage = await openStage(name)
    const feed = await start()
    const [symbol = ''] = stage.symbols
    stage.simulator.restFaults = [
      { status: 429, retryAfter: '0.05' },
      'broken-off',
      { status: 503 },
      { status: 418, retryAfter: '0.01' },
    ]
    for (let index = 0; index < 30; index++)
      stage.simulator.trade(symbol, { fate: index === 7 ? 'lost' : 'sent' })
    await arrived()
    expect(stage.simulator.restFaults).toEqual([])
    expect(feed.reports.join('\n')).toContain('it is asked too often (429); the next request is in 0.05 s')
    expect(feed.reports.join('\n')).toContain('missing trades cannot be fetched yet')
  })

  it('puts duplicates once, and goes on after frames that are none of the venue', async () => {
    stage = await openStage(name)
    const feed = await start()
    const [symbol = ''] = stage.symbols
    stage.simulator.trade(symbol, { fate: 'doubled' })
    for (const frame of [
      '{',
      '',
      '[]',
      '{"channel":"trade","data":[{"symbol":7}]}',
      '{"type":"match"}',
      '{"e":"trade"}',
      '{"e":"aggTrade"}',
      '"x"',
    ])
      stage.simulator.say(frame)
    stage.simulator.trade(symbol)
    await arrived()
    expect(idsOn(stage.stream, symbol)).toEqual([1000, 1001])
    expect(feed.reports.filter((report) => report.includes('a frame that cannot be read'))).toHaveLength(3)
  })

  it('takes symbols in any case, once each, as the venue spells them', async () => {
    stage = await openStage(name)
    const [symbol = ''] = stage.symbols
    await start({ symbols: [symbol.toLowerCase(), symbol] }, [symbol])
    stage.simulator.trade(symbol)
    await arrived()
    expect(tradesOn(stage.stream).map((trade) => trade.symbol)).toEqual([symbol])
  })

  it('leaves out a symbol that the venue does not have, and names what may be meant', async () => {
    stage = await openStage(name)
    const [symbol = ''] = stage.symbols
    const misspelt = `${symbol.toLowerCase()}.`
    const feed = await start({ symbols: [symbol, misspelt] }, [symbol])
    stage.simulator.trade(symbol)
    await arrived()
    expect(feed.reports).toContain(`${name}: it has no ${misspelt}; did you mean ${symbol}?`)
  })
})

it('fetches pages of Kraken whose ends lie between trades of one time', async () => {
  stage = await openStage('kraken')
  await start()
  const [symbol = ''] = stage.symbols
  for (let index = 0; index < 3502; index++)
    stage.simulator.trade(symbol, {
      afterMicros: index % 300 === 0 ? 1000 : 0,
      fate: index > 0 && index < 3501 ? 'lost' : 'sent',
    })
  await arrived()
  expect(idsOn(stage.stream, symbol)).toHaveLength(3502)
})

it('sends the key of a venue that wants one in its header, and names it nowhere', async () => {
  stage = await openStage('binance')
  const key = 'secret-key-of-a-user'
  const feed = await start({ environment: { BINANCE_API_KEY: key } })
  const [symbol = ''] = stage.symbols
  stage.simulator.restFaults = [{ status: 500 }]
  for (let index = 0; index < 10; index++)
    stage.simulator.trade(symbol, { fate: index === 5 ? 'lost' : 'sent' })
  await arrived()
  expect(stage.simulator.headers.every((headers) => headers['x-mbx-apikey'] === key)).toBe(true)
  expect(stage.simulator.requests.join()).not.toContain(key)
  expect(feed.reports.join()).not.toContain(key)
})

it('ends with an error when the venue has none of the symbols', async () => {
  stage = await openStage('kraken')
  const { finished } = startFeed(stage, { symbols: ['BTCUSD', 'NOPE'], limits: QUICK })
  await expect(finished).rejects.toThrow(
    new UnknownSymbolsError('kraken: it has no BTCUSD; did you mean BTC/USD?; it has no NOPE'),
  )
})

it('says in one line that there is no network, and feeds once there is', async () => {
  stage = await openStage('kraken')
  const { port } = new URL(stage.venue.restUrl)
  await stage.simulator.stop()
  const feed = startFeed(stage)
  running.push(feed)
  await eventually('the line', () => feed.reports.length > 0)
  const again = new VenueSimulator(krakenDialect, stage.market)
  stage = { ...stage, simulator: again, venue: await again.start(stage.venue, Number(port)) }
  await subscribed(stage.symbols)
  again.trade(stage.symbols[0] ?? '')
  await arrived()
  expect(feed.reports).toEqual([
    expect.stringMatching(
      /^kraken: no connection to 127\.0\.0\.1:\d+: .*ECONNREFUSED.*; it is tried again until there is one$/,
    ),
    'kraken: connected, 2 symbols',
  ])
})
