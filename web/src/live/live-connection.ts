import { waitBefore } from '../market/gap.ts'
import { nextMessage, NOTHING, type RecordType, type Subscriptions, subscriptionsIn } from './wanted.ts'

/** API Gateway ends a connection that was idle for ten minutes; a dead one is noticed after one ping. */
const PING_MS = 20_000
const ANSWER_MS = 10_000

/** How the connection is. */
export type LinkState =
  | { readonly type: 'connecting' }
  /** Everything that is wanted is subscribed, but for the types that the API refused. */
  | { readonly type: 'live'; readonly since: number; readonly refused: ReadonlyMap<RecordType, string> }
  | { readonly type: 'lost'; readonly since: number; readonly reason: string; readonly retryAt: number }

/** The part of a WebSocket that is used. */
export type Socket = { send(text: string): void; close(): void }

/** What becomes of a WebSocket. */
export type SocketEvents = {
  readonly opened: () => void
  readonly received: (text: string) => void
  readonly closed: (event: { readonly code: number; readonly reason: string }) => void
}

export type LiveConnectionOptions = {
  readonly connect: (events: SocketEvents) => Socket
  /** Unix milliseconds. */
  readonly now: () => number
  /** Takes the records of a message, not yet parsed, in order. */
  readonly onRecords: (records: readonly unknown[]) => void
  readonly onState: (state: LinkState) => void
}

/**
 * A connection to the WebSocket API that is made again whenever it ends. One message is sent at a time, each after the
 * answer to the one before, since API Gateway may reorder messages that are sent at once.
 */
export class LiveConnection {
  readonly #options: LiveConnectionOptions
  #socket: Socket | undefined
  #wanted: Subscriptions = NOTHING
  #subscribed: Subscriptions = NOTHING
  #refused = new Map<RecordType, string>()
  #asked: RecordType | 'ping' | undefined
  /** Unix milliseconds; undefined while something that is wanted is not subscribed on this connection. */
  #liveSince: number | undefined
  #attempt = 0
  /** Since when records may be missing; undefined while none are. */
  #lostAt: number | undefined
  #timers = new Set<ReturnType<typeof setTimeout>>()

  constructor(options: LiveConnectionOptions) {
    this.#options = options
  }

  start(): void {
    this.#options.onState({ type: 'connecting' })
    this.#connect()
  }

  /** Changes what is subscribed. */
  want(wanted: Subscriptions): void {
    this.#wanted = wanted
    if (this.#liveSince !== undefined && this.#asked === undefined) this.#next()
  }

  /** Connects at once where it waits for the next attempt. */
  retryNow(): void {
    if (this.#socket === undefined) this.#connect()
  }

  #connect(): void {
    this.#clearTimers()
    this.#subscribed = NOTHING
    this.#refused = new Map()
    this.#asked = undefined
    const ifCurrent = (act: () => void): void => {
      if (this.#socket === socket) act()
    }
    const socket = this.#options.connect({
      opened: () => ifCurrent(() => this.#next()),
      received: (text) => ifCurrent(() => this.#take(text)),
      closed: ({ code, reason }) =>
        ifCurrent(() => this.#end(reason === '' ? `the connection ended (${code})` : reason)),
    })
    this.#socket = socket
    this.#after(ANSWER_MS, () => this.#end('no connection within 10 s'))
  }

  #take(text: string): void {
    const message = parsed(text)
    if (message.records !== undefined) {
      this.#options.onRecords(message.records)
      return
    }
    const { type, error, subscriptions, message: failure } = message
    if (type === undefined && typeof failure === 'string') {
      this.#end(failure)
      return
    }
    const asked = this.#asked
    this.#asked = undefined
    this.#clearTimers()
    if (type === 'error' && asked !== undefined && asked !== 'ping')
      this.#refuse(asked, typeof error === 'string' ? error : 'refused')
    if (type === 'subscribed' || type === 'unsubscribed')
      this.#subscribed = subscriptionsIn(listsIn(subscriptions))
    this.#next()
  }

  /** Sends what is next, or waits until it is time for a ping. */
  #next(): void {
    this.#clearTimers()
    const message = nextMessage(this.#wanted, this.#subscribed, new Set(this.#refused.keys()))
    if (message !== undefined) {
      this.#send(message, message.types[0])
      return
    }
    if (this.#liveSince === undefined) {
      this.#liveSince = this.#options.now()
      this.#attempt = 0
      this.#lostAt = undefined
      this.#reportLive()
    }
    this.#after(PING_MS, () => this.#send({ action: 'ping' }, 'ping'))
  }

  #refuse(type: RecordType, reason: string): void {
    this.#refused.set(type, reason)
    this.#reportLive()
  }

  #reportLive(): void {
    const since = this.#liveSince
    if (since !== undefined) this.#options.onState({ type: 'live', since, refused: new Map(this.#refused) })
  }

  #send(message: object, asked: RecordType | 'ping'): void {
    this.#clearTimers()
    this.#asked = asked
    this.#socket?.send(JSON.stringify(message))
    this.#after(ANSWER_MS, () => this.#end('no answer within 10 s'))
  }

  #end(reason: string): void {
    const { now, onState } = this.#options
    this.#clearTimers()
    const socket = this.#socket
    this.#socket = undefined
    this.#liveSince = undefined
    socket?.close()
    this.#lostAt ??= now()
    const wait = waitBefore(this.#attempt++)
    onState({ type: 'lost', since: this.#lostAt, reason, retryAt: now() + wait })
    this.#after(wait, () => this.#connect())
  }

  #after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, ms)
    this.#timers.add(timer)
  }

  #clearTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }
}

type Message = {
  readonly records?: readonly unknown[]
  readonly type?: unknown
  readonly error?: unknown
  readonly message?: unknown
  readonly subscriptions?: unknown
}

function parsed(text: string): Message {
  try {
    const value: unknown = JSON.parse(text)
    if (Array.isArray(value)) return { records: value }
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

function listsIn(value: unknown): Record<string, readonly string[]> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).map(([type, symbols]): [string, readonly string[]] => [
      type,
      Array.isArray(symbols) ? symbols.filter((one) => typeof one === 'string') : [],
    ]),
  )
}
