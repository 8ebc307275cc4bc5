import { decode, encode } from '@msgpack/msgpack'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'

import { type Bridge, type BridgeOptions, openBridge } from '../../../bin/bridge/bridge.ts'
import { listen, type Listening } from '../../../bin/bridge/listen.ts'
import { eventually } from '../../support/eventually.ts'
import { barRecord, type FakeTickStock, startFakeTickStock } from './fake-tickstock.ts'

let tickstock: FakeTickStock
let bridge: Bridge
let listening: Listening | undefined
let notes: string[]
const clients = new Set<WebSocket>()

beforeEach(async () => {
  tickstock = await startFakeTickStock()
  notes = []
})

afterEach(async () => {
  for (const client of clients) client.terminate()
  clients.clear()
  await listening?.stop()
  listening = undefined
  await tickstock.stop()
})

async function open(options: Partial<BridgeOptions> = {}): Promise<void> {
  const { api, url } = tickstock
  bridge = openBridge({
    api,
    url,
    key: api.key,
    onNote: (text) => void notes.push(text),
    againMs: 20,
    settleMs: 100,
    ...options,
  })
  listening = await listen(bridge, { host: '127.0.0.1', port: 0 })
}

type Client = {
  readonly socket: WebSocket
  /** Each message of each frame. */
  readonly heard: unknown[]
  readonly closed: () => number | undefined
  readonly say: (message: object) => void
}

function connect(path: string, headers: Readonly<Record<string, string>> = {}): Client {
  const socket = new WebSocket(`${listening?.url}${path}`, { headers })
  clients.add(socket)
  const heard: unknown[] = []
  let code: number | undefined
  const isBinary = headers['content-type'] === 'application/msgpack'
  socket.on('message', (data: Buffer, binary: boolean) => {
    expect(binary).toBe(isBinary)
    const frame = isBinary ? decode(data) : JSON.parse(String(data))
    heard.push(...(Array.isArray(frame) ? frame : [frame]))
  })
  socket.on('close', (given) => {
    code = given
  })
  socket.on('error', () => undefined)
  return {
    socket,
    heard,
    closed: () => code,
    say: (message) => socket.send(isBinary ? encode(message) : JSON.stringify(message)),
  }
}

const last = (client: Client, message: unknown) =>
  eventually(JSON.stringify(message), () => {
    try {
      expect(client.heard.at(-1)).toMatchObject(Object(message))
      return true
    } catch {
      return false
    }
  })

/** A client of Alpaca's that is authenticated and subscribed. */
async function subscribed(channels: object, path = '/v2/iex'): Promise<Client> {
  const client = connect(path, { 'APCA-API-KEY-ID': 'any', 'APCA-API-SECRET-KEY': tickstock.api.key })
  await last(client, { T: 'success', msg: 'authenticated' })
  client.say({ action: 'subscribe', ...channels })
  await last(client, { T: 'subscription' })
  return client
}

const minute = (ago: number): string =>
  new Date(Math.floor(Date.now() / 60_000 - ago) * 60_000).toISOString().replace('.000Z', 'Z')
const barAt = (ago: number, revision = 1, symbol = 'AAPL') =>
  barRecord({ symbol, timestamp: minute(ago), revision })
const kinds = (client: Client) =>
  client.heard.flatMap((each) => {
    const { T, t, c } = Object(each)
    return T === 'b' || T === 'u' ? [`${T} ${t ?? c}`] : []
  })

describe('a client of Alpaca', () => {
  it('is greeted, sends its key, subscribes, and gets bars, corrections and trades of what it subscribes to', async () => {
    await open()
    const client = connect('/v2/iex')
    await last(client, { T: 'success', msg: 'connected' })
    client.say({ action: 'subscribe', bars: ['AAPL'] })
    await last(client, { T: 'error', code: 401 })
    client.say({ action: 'auth', key: 'any', secret: tickstock.api.key })
    await last(client, { T: 'success', msg: 'authenticated' })
    client.say({ action: 'subscribe', bars: ['AAPL'], updatedBars: ['*'], trades: ['AAPL'] })
    await last(client, {
      T: 'subscription',
      bars: ['AAPL'],
      updatedBars: ['*'],
      trades: ['AAPL'],
      quotes: [],
    })
    tickstock.send(barAt(2), barAt(2, 1, 'MSFT'), barAt(2, 2, 'MSFT'), barAt(2), {
      type: 'ticks',
      symbol: 'AAPL',
      close: '3.5',
      volume: '7',
      time: 1_760_106_735.123,
    })
    await last(client, { T: 't', S: 'AAPL', p: 3.5, s: 7 })
    expect(client.heard.slice(-3)).toMatchObject([
      { T: 'b', S: 'AAPL', o: 1.5, v: 10, n: 3 },
      { T: 'u', S: 'MSFT' },
      { T: 't' },
    ])
    client.say({ action: 'unsubscribe', updatedBars: ['*'], trades: ['AAPL'] })
    await last(client, { T: 'subscription', bars: ['AAPL'], updatedBars: [], trades: [] })
    await eventually('the narrower subscription', () => tickstock.subscriptions()[0]?.ticks.size === 0)
  })

  it('may write and read MessagePack, in several frames', async () => {
    await open()
    const client = connect('/v1beta3/crypto/us', { 'content-type': 'application/msgpack' })
    await last(client, { T: 'success', msg: 'connected' })
    const bytes = encode({ action: 'auth', key: 'any', secret: tickstock.api.key })
    client.socket.send(bytes.subarray(0, 9), { fin: false, binary: true })
    client.socket.send(bytes.subarray(9), { fin: true, binary: true })
    await last(client, { T: 'success', msg: 'authenticated' })
    client.say({ action: 'subscribe', bars: ['BTC/USD'] })
    await last(client, { T: 'subscription' })
    tickstock.send(barAt(2, 1, 'BTC/USD'))
    await last(client, { T: 'b', S: 'BTC/USD' })
    expect(client.heard.at(-1)).toMatchObject({ t: new Date(minute(2)), o: 1.5 })
  })

  it('with a wrong key is refused and disconnected, whichever way it came', async () => {
    await open()
    const [one, other] = [
      connect('/v2/iex', { authorization: 'Bearer AAAAAAAAAAAAAAAAAAAA' }),
      connect('/v2/iex'),
    ]
    await last(other, { msg: 'connected' })
    other.say({ action: 'auth', key: 'any', secret: 'not a key\n' })
    for (const client of [one, other]) {
      await eventually('the end', () => client.closed())
      expect([client.heard.at(-1), client.closed()]).toMatchObject([{ T: 'error', code: 402 }, 1008])
    }
    expect(tickstock.connections()).toBe(0)
  })

  it('is told what it has written wrong, and stays connected', async () => {
    await open()
    const client = await subscribed({ bars: ['AAPL'] })
    client.socket.send('{')
    await last(client, { T: 'error', code: 400, msg: 'invalid syntax: a message is not JSON' })
    client.say({ action: 'subscribe', quotes: ['AAPL'] })
    await last(client, { T: 'error', code: 410 })
    client.say({ action: 'auth', key: 'any', secret: tickstock.api.key })
    await last(client, { T: 'error', code: 403 })
    expect(client.closed()).toBeUndefined()
  })

  it('gets, after each answer, what it is subscribed to and nothing else', async () => {
    await open()
    const client = await subscribed({})
    const names = ['AAPL', 'MSFT', 'BTC/USD', 'BRK B']
    const now = new Set<string>()
    for (let round = 1; round <= 40; round++) {
      const name = names[(round * 7) % 4] ?? ''
      const action = round % 3 === 0 ? 'unsubscribe' : 'subscribe'
      if (action === 'subscribe') now.add(name)
      else now.delete(name)
      client.say({ action, updatedBars: [name] })
      await last(client, { T: 'subscription', updatedBars: [...now] })
      const before = client.heard.length
      tickstock.send(...names.map((each) => barAt(2, round + 1, each)))
      await eventually('its bars', () => client.heard.length >= before + now.size)
      const symbols = client.heard.slice(before).map((each) => Object(each).S)
      expect(symbols).toEqual(names.filter((each) => now.has(each)))
    }
  })

  it('gets answers in the order of its messages, however fast it sends them', async () => {
    await open()
    const client = connect('/v2/iex')
    await last(client, { msg: 'connected' })
    client.say({ action: 'auth', key: 'any', secret: tickstock.api.key })
    for (let count = 1; count <= 200; count++) client.say({ action: 'subscribe', bars: [`S${count}`] })
    await eventually('all answers', () => client.heard.length === 202)
    const sizes = client.heard.slice(2).map((each) => Object(each).bars.length)
    expect(sizes).toEqual(Array.from({ length: 200 }, (_, index) => index + 1))
  })
})

it('a client of Massive is greeted, sends its key, subscribes, and gets bars with corrections', async () => {
  await open()
  const client = connect('/stocks')
  await last(client, { ev: 'status', status: 'connected' })
  client.say({ action: 'auth', params: tickstock.api.key })
  await last(client, { ev: 'status', status: 'auth_success' })
  client.say({ action: 'subscribe', params: 'AM.AAPL,AM.*' })
  await last(client, { status: 'success', message: 'subscribed to: AM.*' })
  tickstock.send(barAt(2), barAt(2, 2), barAt(1, 1, 'MSFT'))
  await last(client, { ev: 'AM', sym: 'MSFT' })
  expect(client.heard.slice(-3)).toMatchObject([{ sym: 'AAPL' }, { sym: 'AAPL' }, { sym: 'MSFT' }])
  const refused = connect('/stocks')
  await last(refused, { status: 'connected' })
  refused.say({ action: 'auth', params: 'B'.repeat(40) })
  await eventually('the end', () => refused.closed())
  expect(refused.heard.at(-1)).toMatchObject({ ev: 'status', status: 'auth_failed' })
})

describe('clients', () => {
  it('share one connection to TickStock', async () => {
    await open()
    const names = Array.from({ length: 20 }, (_, index) => `S${index}`)
    const all = await Promise.all(names.map((name) => subscribed({ bars: [name] })))
    expect(tickstock.connections()).toBe(1)
    tickstock.send(...names.map((name) => barAt(2, 1, name)))
    await Promise.all(all.map((client, index) => last(client, { T: 'b', S: `S${index}` })))
    for (const client of all) client.socket.close()
    await eventually('no subscription', () => tickstock.subscriptions()[0]?.bar.size === 0)
    expect(bridge.connections()).toBe(0)
  })

  it('are no more than allowed', async () => {
    await open({ maxConnections: 1 })
    await subscribed({ bars: ['AAPL'] })
    const second = connect('/v2/iex')
    await eventually('the end', () => second.closed())
    expect(second.heard.at(-1)).toMatchObject({ T: 'error', code: 406 })
  })

  it('that send no key in time are disconnected', async () => {
    await open({ limits: { keyMs: 50 } })
    const client = connect('/v2/iex')
    await eventually('the end', () => client.closed())
    expect(client.heard.at(-1)).toMatchObject({ T: 'error', code: 404 })
  })

  it('whose key is revoked are disconnected when it is checked again', async () => {
    await open({ limits: { recheckMs: 50 } })
    const key = 'r'.repeat(40)
    tickstock.keys.add(key)
    const client = connect('/v2/iex', { 'x-api-key': key })
    await last(client, { msg: 'authenticated' })
    tickstock.keys.delete(key)
    await eventually('the end', () => client.closed())
    expect(client.heard.at(-1)).toMatchObject({ T: 'error', code: 402 })
  })

  it('that do not answer pings are gone', async () => {
    await open({ limits: { pingMs: 100 } })
    const client = await subscribed({ bars: ['AAPL'] })
    const quick = await subscribed({ bars: ['AAPL'] })
    client.socket.pause()
    await eventually('one of two', () => bridge.connections() === 1)
    expect(quick.closed()).toBeUndefined()
  })

  it('that read too slowly are disconnected, and hold up nobody', async () => {
    await open({ limits: { closeMs: 100 } })
    const slow = await subscribed({ bars: ['*'] })
    const quick = await subscribed({ updatedBars: ['AAPL'] })
    slow.socket.pause()
    let rounds = 0
    for (; bridge.connections() > 1 && rounds < 500; rounds++) {
      tickstock.send(...Array.from({ length: 1000 }, (_, index) => barAt(2, 1, `R${rounds}.${index}`)))
      tickstock.send(barAt(2, rounds + 2))
      await eventually('the round', () => kinds(quick).length > rounds)
    }
    expect(rounds).toBeLessThan(500)
    expect(quick.closed()).toBeUndefined()
  })
})

describe('a lost connection to TickStock', () => {
  it('leaves no gap: what was missed is read, and comes before what follows', async () => {
    await open()
    const client = await subscribed({ bars: ['AAPL'], updatedBars: ['AAPL'] })
    tickstock.send(barAt(4))
    await last(client, { T: 'b' })
    tickstock.stored = [barAt(4, 2), barAt(3, 2)]
    tickstock.dropConnections()
    await eventually('a new subscription', () => tickstock.subscriptions()[0]?.bar.has('AAPL'))
    tickstock.send(barAt(3, 2), barAt(2))
    await eventually('the newest', () => kinds(client).length === 4)
    expect(kinds(client)).toEqual([`b ${minute(4)}`, `u ${minute(4)}`, `b ${minute(3)}`, `b ${minute(2)}`])
    // The database has had a bar later than the WebSocket API.
    tickstock.stored = [barAt(1)]
    await eventually('the straggler', () => kinds(client).length === 5)
    expect(client.closed()).toBeUndefined()
    expect(notes.at(-1)).toMatch(/again after .* s; no bar was missed/)
  })

  it('leaves no gap where the database has a bar later than its correction is received', async () => {
    await open()
    const client = await subscribed({ bars: ['AAPL'], updatedBars: ['AAPL'] })
    tickstock.dropConnections()
    await eventually('the end of the gap', () => notes.at(-1)?.includes('no bar was missed'))
    tickstock.send(barAt(3, 2))
    await eventually('the bar', () => kinds(client).length === 1)
    expect(kinds(client)).toEqual([`b ${minute(3)}`])
  })

  it('leaves no gap in all symbols either', async () => {
    await open()
    const client = await subscribed({ bars: ['*'] })
    tickstock.stored = [barAt(3), barAt(3, 1, 'MSFT')]
    tickstock.dropConnections()
    await eventually('both', () => kinds(client).length === 2)
    expect(kinds(client)).toEqual([`b ${minute(3)}`, `b ${minute(3)}`])
  })

  it('ends clients where what was missed cannot be read, and they are told', async () => {
    await open()
    const client = await subscribed({ bars: ['AAPL'] })
    tickstock.stored = 'away'
    tickstock.dropConnections()
    await eventually('the end', () => client.closed())
    expect([client.heard.at(-1), client.closed()]).toMatchObject([
      { T: 'error', code: 500, msg: expect.stringContaining('bars may be missing') },
      1013,
    ])
    tickstock.stored = []
    await subscribed({ bars: ['AAPL'] })
  })

  it('ends clients when it lasts too long', async () => {
    await open({ longestGapMs: 100 })
    const client = await subscribed({ bars: ['AAPL'] })
    await tickstock.stop()
    await eventually('the end', () => client.closed())
    expect(client.heard.at(-1)).toMatchObject({
      T: 'error',
      code: 500,
      msg: expect.stringContaining('0.1 s'),
    })
    tickstock = await startFakeTickStock()
  })
})

it('clients that subscribe while TickStock is away are told so', async () => {
  await open({ answerMs: 200 })
  const client = await subscribed({})
  await tickstock.stop()
  client.say({ action: 'subscribe', bars: ['AAPL'] })
  await eventually('the end', () => client.closed())
  expect(client.heard.at(-1)).toMatchObject({ T: 'error', code: 500 })
  expect(notes[0]).toMatch(/^TickStock cannot be reached \(.+\); trying again$/)
  const other = connect('/v2/iex', { 'x-api-key': tickstock.api.key })
  await eventually('the end', () => other.closed())
  expect(other.heard.at(-1)).toMatchObject({ T: 'error', code: 500 })
  tickstock = await startFakeTickStock()
})

it('what is no stream is answered with 404, /health with 200', async () => {
  await open()
  const client = connect('/v2/stocks/bars')
  await eventually('the end', () => client.closed())
  const http = listening?.url.replace('ws', 'http') ?? ''
  expect([(await fetch(`${http}/health`)).status, (await fetch(`${http}/v2/iex`)).status]).toEqual([200, 404])
})
