import type { RecordType } from '../../../functions/broadcaster/subscriptions.ts'
import { barRecordSchema } from '../../../functions/shared/streams/records.ts'
import { watch, type WatchedRecord } from '../../stage/web-socket-client.ts'
import type { SeenBar } from './outside/history.ts'
import { observedAt, type Recorder } from './outside/recorder.ts'
import type { Started } from './protocol.ts'
import { revisionKey, type Session } from './sessions.ts'

const TYPES: readonly RecordType[] = ['bar']

/** WebSocket clients that subscribe again whenever their connection ends, and remember what came on which connection. */
export type Clients = {
  /** By client the connections that it has had. */
  readonly sessions: readonly (readonly Session[])[]
  stop(): Promise<void>
}

export type ClientsOptions = {
  /** The symbols of each client. */
  readonly subscriptions: readonly (readonly string[])[]
  /** Keeps what they see. */
  readonly recorder?: Recorder
}

/** Connects clients one after the other, so that the first starts the workers for all. */
export async function startClients(
  started: Pick<Started, 'webSocketUrl' | 'apiKey'>,
  { subscriptions, recorder }: ClientsOptions,
): Promise<Clients> {
  const ending = new AbortController()
  const clients: Client[] = []
  const numbers = connectionNumbers()
  const stop = async (): Promise<void> => {
    ending.abort()
    await Promise.all(clients.map(({ watching }) => watching))
  }
  for (const [index, symbols] of subscriptions.entries()) {
    const client = new Client(symbols, { index, recorder, numbers })
    client.start(started, ending.signal)
    clients.push(client)
    await Promise.race([client.watching, client.subscribed])
  }
  return { sessions: clients.map(({ sessions }) => sessions), stop }
}

/** Numbers for the connections of all clients. */
function* connectionNumbers(): Generator<number, never, undefined> {
  for (let number = 1; ; number++) yield number
}

class Client {
  readonly sessions: Session[] = []
  /** Resolves when it is stopped; rejects when it cannot connect at all. */
  watching: Promise<void> = Promise.resolve()
  readonly subscribed: Promise<void>
  readonly #resolve: () => void
  readonly #symbols: readonly string[]
  readonly #index: number
  readonly #recorder: Recorder | undefined
  readonly #numbers: Iterator<number, never, undefined>
  #connection = 0
  /** Came before the answer that says that the subscription is there. */
  #early: (readonly WatchedRecord[])[] = []

  constructor(
    symbols: readonly string[],
    {
      index,
      recorder,
      numbers,
    }: Pick<ClientsOptions, 'recorder'> & {
      readonly index: number
      readonly numbers: Iterator<number, never, undefined>
    },
  ) {
    this.#symbols = symbols
    this.#index = index
    this.#recorder = recorder
    this.#numbers = numbers
    const { promise, resolve } = Promise.withResolvers<void>()
    this.subscribed = promise
    this.#resolve = resolve
  }

  start({ webSocketUrl, apiKey }: Pick<Started, 'webSocketUrl' | 'apiKey'>, signal: AbortSignal): void {
    this.watching = watch({
      url: webSocketUrl,
      key: apiKey,
      symbols: this.#symbols,
      types: TYPES,
      signal,
      onRecords: (records) => this.#take(records),
      onState: ({ type }) => (type === 'ended' ? this.#end() : this.#begin()),
    })
  }

  #begin(): void {
    this.#connection = this.#numbers.next().value
    this.sessions.push({
      symbols: new Set(this.#symbols),
      subscribedAt: Date.now(),
      received: new Set(),
      isOpen: true,
    })
    const { length } = this.sessions
    this.#recorder?.note({
      type: 'subscribed',
      connection: this.#connection,
      client: this.#index,
      symbols: [...this.#symbols],
      at: observedAt(),
    })
    const early = this.#early
    this.#early = []
    for (const records of early) this.#take(records)
    if (length === 1) this.#resolve()
  }

  #end(): void {
    this.#early = []
    const last = this.sessions.at(-1)
    if (last?.isOpen !== true) return
    last.isOpen = false
    this.#recorder?.note({ type: 'ended', connection: this.#connection, at: observedAt() })
  }

  #take(records: readonly WatchedRecord[]): void {
    const session = this.sessions.at(-1)
    if (session?.isOpen !== true) {
      this.#early.push(records)
      return
    }
    for (const { symbol, timestamp = '', revision } of records)
      session.received.add(revisionKey({ symbol, timestamp, revision: Number(revision) }))
    this.#recorder?.note({
      type: 'received',
      connection: this.#connection,
      at: observedAt(),
      bars: records.map(seenBar),
    })
  }
}

function seenBar(record: WatchedRecord): SeenBar {
  const { symbol, timestamp, revision, open, high, low, close, volume, ...bar } =
    barRecordSchema.parse(record)
  return {
    symbol,
    timestamp,
    revision,
    open,
    high,
    low,
    close,
    volume,
    notional: bar.notional,
    vwap: bar.vwap,
    tradeCount: bar.trade_count,
    complete: bar.complete,
    withdrawn: bar.withdrawn,
  }
}
