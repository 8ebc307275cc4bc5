import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { LiveConnection, type LinkState, type SocketEvents } from '../../web/src/live/live-connection.ts'
import { nextMessage, NOTHING, type Subscriptions } from '../../web/src/live/wanted.ts'

/** A WebSocket API: it answers as docs/websocket.md says, one message after the other. */
class Server {
  readonly sent: Record<string, unknown>[] = []
  readonly refused = new Set<string>()
  connections = 0
  #events: SocketEvents | undefined
  #subscribed: Record<string, string[]> = {}

  readonly connect = (events: SocketEvents) => {
    this.#events = events
    this.#subscribed = {}
    this.connections++
    return { send: (text: string) => void this.sent.push(JSON.parse(text)), close: () => {} }
  }

  open(): void {
    this.#events?.opened()
  }

  /** Answers the last message. */
  answer(): void {
    const { action, symbols, types } = this.sent.at(-1) ?? {}
    if (action === 'ping') return this.say({ type: 'pong' })
    const [type = ''] = textsOf(types)
    if (this.refused.has(type)) return this.say({ type: 'error', error: `types[0] is "${type}"` })
    const before = this.#subscribed[type] ?? []
    const named = textsOf(symbols)
    this.#subscribed[type] =
      action === 'subscribe' ? [...before, ...named] : before.filter((symbol) => !named.includes(symbol))
    this.say({ type: `${String(action)}d`, subscriptions: this.#subscribed })
  }

  say(message: unknown): void {
    this.#events?.received(JSON.stringify(message))
  }

  drop(): void {
    this.#events?.closed({ code: 1006, reason: '' })
  }
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

const WANTED: Subscriptions = { ...NOTHING, bar: new Set(['AAPL', 'MSFT']), ticks: new Set(['AAPL']) }

describe('the live connection', () => {
  let server: Server
  let connection: LiveConnection
  let states: LinkState[]
  let records: unknown[]

  beforeEach(() => {
    vi.useFakeTimers({ now: 1000 })
    server = new Server()
    states = []
    records = []
    connection = new LiveConnection({
      connect: server.connect,
      now: Date.now,
      onRecords: (some) => void records.push(...some),
      onState: (state) => void states.push(state),
    })
    connection.want(WANTED)
    connection.start()
    server.open()
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  it('subscribes type by type, each after the answer to the one before', () => {
    expect(server.sent).toEqual([{ action: 'subscribe', symbols: ['AAPL', 'MSFT'], types: ['bar'] }])
    server.answer()
    expect(server.sent.at(-1)).toEqual({ action: 'subscribe', symbols: ['AAPL'], types: ['ticks'] })
    expect(states.map(({ type }) => type)).toEqual(['connecting'])
    server.answer()
    expect(states.at(-1)).toEqual({ type: 'live', since: 1000, refused: new Map() })
  })

  it('takes records, also before the answer', () => {
    server.say([{ type: 'bar' }, { type: 'new' }])
    expect(records).toEqual([{ type: 'bar' }, { type: 'new' }])
    expect(server.sent).toHaveLength(1)
  })

  it('does without a type that is refused, and says so', () => {
    server.refused.add('ticks')
    server.answer()
    server.answer()
    expect(states.at(-1)).toEqual({
      type: 'live',
      since: 1000,
      refused: new Map([['ticks', 'types[0] is "ticks"']]),
    })
    connection.want({ ...WANTED, ticks: new Set(['AAPL', 'MSFT']) })
    expect(server.sent).toHaveLength(2)
  })

  it('follows what is wanted', () => {
    server.answer()
    server.answer()
    connection.want({ ...WANTED, bar: new Set(['AAPL', 'NVDA']) })
    expect(server.sent.at(-1)).toEqual({ action: 'subscribe', symbols: ['NVDA'], types: ['bar'] })
    server.answer()
    expect(server.sent.at(-1)).toEqual({ action: 'unsubscribe', symbols: ['MSFT'], types: ['bar'] })
    server.answer()
    expect(server.sent).toHaveLength(4)
  })

  it('connects again when it ends, later and later, and remembers since when', () => {
    server.answer()
    server.answer()
    server.drop()
    expect(states.at(-1)).toMatchObject({ type: 'lost', since: 1000, retryAt: 2000 })
    vi.advanceTimersByTime(1000)
    expect(server.connections).toBe(2)
    server.drop()
    expect(states.at(-1)).toMatchObject({ type: 'lost', since: 1000, retryAt: 4000 })
    vi.advanceTimersByTime(2000)
    server.open()
    server.answer()
    server.answer()
    expect(states.at(-1)).toMatchObject({ type: 'live', since: 4000 })
    expect(server.sent.filter(({ action }) => action === 'subscribe')).toHaveLength(4)
  })

  it('notices a connection that is dead by a ping without an answer', () => {
    server.answer()
    server.answer()
    vi.advanceTimersByTime(20_000)
    expect(server.sent.at(-1)).toEqual({ action: 'ping' })
    server.answer()
    vi.advanceTimersByTime(20_000)
    vi.advanceTimersByTime(10_000)
    expect(states.at(-1)).toMatchObject({ type: 'lost', reason: 'no answer within 10 s' })
  })

  it('ends a connection on which the function behind it fails', () => {
    server.say({ message: 'Internal server error', connectionId: 'x' })
    expect(states.at(-1)).toMatchObject({ type: 'lost', reason: 'Internal server error' })
  })

  it('connects at once when it is asked to', () => {
    server.drop()
    connection.retryNow()
    expect(server.connections).toBe(2)
  })
})

describe('the next message', () => {
  it('is none when everything that is wanted is subscribed', () => {
    expect(nextMessage(WANTED, WANTED, new Set())).toBeUndefined()
    expect(nextMessage(WANTED, { ...WANTED, ticks: new Set() }, new Set(['ticks']))).toBeUndefined()
  })

  it('subscribes to a symbol again that `*` took away', () => {
    const all = { ...NOTHING, bar: new Set(['*', 'AAPL']) }
    expect(nextMessage({ ...NOTHING, bar: new Set(['AAPL']) }, all, new Set())?.action).toBe('unsubscribe')
    expect(nextMessage({ ...NOTHING, bar: new Set(['AAPL']) }, NOTHING, new Set())?.symbols).toEqual(['AAPL'])
  })
})
