import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'

import { type WebSocket, WebSocketServer } from 'ws'

import type { Venue } from '../../feed/venues/venue.ts'
import type { Dialect } from './dialects.ts'
import type { Market, MarketTrade } from './market.ts'

/** What happens to a trade on its way to a client. */
export type Fate = 'sent' | 'lost' | 'doubled' | 'late' | 'cut' | 'cut-in-frame'

/** What the REST API answers a request with, in place of what it should. */
export type RestFault = { readonly status: number; readonly retryAfter?: string } | 'broken-off'

type Client = {
  readonly socket: WebSocket
  readonly symbols: Set<string>
  late: MarketTrade[]
  hasAccess: boolean
}

/** A server that speaks as a venue does, from a seeded market, and fails as it is told. */
export class VenueSimulator {
  /** REST requests that were answered. */
  readonly requests: string[] = []
  /** Of those requests. */
  readonly headers: IncomingHttpHeaders[] = []
  /** Connections that were made. */
  connections = 0
  /** Taken from the front, one for each request. */
  restFaults: RestFault[] = []
  /** The REST API no longer has trades with a lower id. */
  oldestId = 0
  /** Ids that the REST API does not have. */
  readonly forgotten: { readonly first: number; readonly last: number }[] = []
  /** Sends nothing, not even pongs. */
  isMute = false
  /** Connections that an account may have, where it wants keys. */
  mostConnections = Infinity
  /** How long the REST API takes to answer. */
  restDelayMs = 0
  /** Trades of its first symbol that come in one go with the next answer to a subscription. */
  tradesWithAnswer = 0
  /** Takes subscriptions, neither answers them nor sends their trades. */
  isDeaf = false
  readonly #dialect: Dialect
  readonly #market: Market
  readonly #clients = new Set<Client>()
  readonly #http = createServer((request, response) => this.#answer(request, response))
  readonly #webSocket = new WebSocketServer({ server: this.#http, autoPong: false })

  constructor(dialect: Dialect, market: Market) {
    this.#dialect = dialect
    this.#market = market
    this.#webSocket.on('connection', (socket) => this.#connected(socket))
  }

  /** Listens, on a free port unless one is given; the venue as it is reached there. */
  async start(venue: Venue, wanted = 0): Promise<Venue> {
    await new Promise<void>((resolve) => this.#http.listen(wanted, '127.0.0.1', resolve))
    const address = this.#http.address()
    if (typeof address !== 'object' || address === null) throw new Error('it does not listen')
    const { port } = address
    return {
      ...venue,
      webSocketUrl: `ws://127.0.0.1:${port}/ws`,
      restUrl: `http://127.0.0.1:${port}`,
      restEveryMs: 1,
    }
  }

  async stop(): Promise<void> {
    for (const { socket } of this.#clients) socket.terminate()
    this.#http.closeAllConnections()
    await new Promise((resolve) => this.#http.close(resolve))
  }

  /** Symbols that some client is subscribed to. */
  get subscribed(): ReadonlySet<string> {
    return new Set([...this.#clients].flatMap(({ symbols }) => [...symbols]))
  }

  /** Makes the next trade of a symbol, which meets a fate on each connection. */
  trade(
    symbol: string,
    { afterMicros = 1000, fate = 'sent' }: { afterMicros?: number; fate?: Fate } = {},
  ): MarketTrade {
    const trade = this.#market.next(symbol, afterMicros)
    this.relay(trade, fate)
    return trade
  }

  /** Sends a trade of the market to whoever is subscribed. */
  relay(trade: MarketTrade, fate: Fate): void {
    for (const client of this.#clients)
      if (client.symbols.has(trade.symbol) && !this.isMute) this.#send(client, trade, fate)
  }

  heartbeat(): void {
    if (this.isMute) return
    for (const { socket, symbols } of this.#clients) {
      const newest = new Map(
        [...symbols].flatMap((symbol) =>
          this.#market
            .of(symbol)
            .slice(-1)
            .map((trade) => [symbol, trade]),
        ),
      )
      for (const frame of this.#dialect.heartbeat(newest)) socket.send(frame)
    }
  }

  /** Sends a frame as it is to every client. */
  say(frame: string): void {
    for (const { socket } of this.#clients) socket.send(frame)
  }

  cutAll(): void {
    for (const { socket } of this.#clients) socket.terminate()
  }

  #send(client: Client, trade: MarketTrade, fate: Fate): void {
    const { socket } = client
    const late = client.late
    client.late = []
    if (fate === 'late') client.late.push(trade)
    if (fate === 'sent' || fate === 'doubled') this.#frames(socket, [trade])
    if (fate === 'doubled') this.#frames(socket, [trade])
    for (const each of late) this.#frames(socket, [each])
    if (fate === 'cut-in-frame') {
      const [frame = ''] = this.#dialect.trades([trade])
      socket.send(frame.slice(0, frame.length / 2))
    }
    if (fate.startsWith('cut')) socket.terminate()
  }

  #frames(socket: WebSocket, trades: readonly MarketTrade[]): void {
    for (const frame of this.#dialect.trades(trades)) socket.send(frame)
  }

  #connected(socket: WebSocket): void {
    this.connections++
    const client: Client = { socket, symbols: new Set(), late: [], hasAccess: false }
    this.#clients.add(client)
    const { access } = this.#dialect
    if (access !== undefined && !this.isMute) socket.send(access.greeting)
    socket.on('ping', () => {
      if (!this.isMute) socket.pong()
    })
    socket.on('close', () => this.#clients.delete(client))
    socket.on('message', (data) => this.#subscribe(client, Buffer.isBuffer(data) ? data.toString() : ''))
  }

  /** True where a client may subscribe. */
  #checkAccess(client: Client, frame: string): boolean {
    const { access } = this.#dialect
    if (access === undefined || client.hasAccess) return true
    const isRight = access.isRight(frame)
    const others = [...this.#clients].filter(({ hasAccess }) => hasAccess).length
    client.hasAccess = isRight === true && others < this.mostConnections
    if (isRight === true) client.socket.send(client.hasAccess ? access.accepted : access.tooMany)
    else client.socket.send(access.refused)
    return false
  }

  #subscribe(client: Client, frame: string): void {
    if (this.isMute || this.isDeaf || !this.#checkAccess(client, frame)) return
    const { socket, symbols } = client
    const wanted = this.#dialect.subscription(frame) ?? []
    const refused = wanted.filter((symbol) => !this.#dialect.symbols.includes(symbol))
    for (const symbol of refused) socket.send(this.#dialect.refuse(symbol))
    const known = wanted.filter((symbol) => !refused.includes(symbol))
    for (const symbol of known) symbols.add(symbol)
    const [first] = known
    for (const confirmation of this.#dialect.confirm(known)) socket.send(confirmation)
    if (first === undefined) return
    for (; this.tradesWithAnswer > 0; this.tradesWithAnswer--) this.trade(first)
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.restDelayMs === 0) this.#answerNow(request, response)
    else setTimeout(() => this.#answerNow(request, response), this.restDelayMs)
  }

  #answerNow(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://venue')
    this.requests.push(request.url ?? '/')
    this.headers.push(request.headers)
    if (this.#dialect.access?.mayAsk(request.headers) === false)
      return void response.writeHead(401).end('{"message":"unauthorized"}')
    const isOfTrades = pathname.includes('rade') && !pathname.includes('latest')
    const fault = isOfTrades ? this.restFaults.shift() : undefined
    if (fault === 'broken-off')
      return void response.writeHead(200, { 'content-length': '1000' }).write('[', () => response.destroy())
    if (fault !== undefined) {
      const headers = fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter }
      return void response.writeHead(fault.status, headers).end('{"message":"no"}')
    }
    const isKept = ({ id }: MarketTrade): boolean =>
      id >= this.oldestId && !this.forgotten.some(({ first, last }) => id >= first && id <= last)
    const kept = (symbol: string) => this.#market.of(symbol).filter(isKept)
    const answer = this.#dialect.rest({ path: pathname, query: searchParams }, kept)
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(typeof answer === 'string' ? answer : JSON.stringify(answer))
  }
}
