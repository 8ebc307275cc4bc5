import type { WebSocket } from 'ws'

import { NO_CHANNELS } from './channels.ts'
import { type Command, decide, type Fault, type FaultKind, type State } from './decide.ts'
import type { Hub, Subscriber } from './hub.ts'
import type { Format } from './protocols/format.ts'
import type { KeyCheck } from './rest.ts'

export type SessionOptions = {
  readonly format: Format
  readonly hub: Pick<Hub, 'change' | 'leave'>
  readonly checkKey: (key: string) => Promise<KeyCheck>
  /** The key that was sent with the handshake. */
  readonly key: string | undefined
  readonly limits: SessionLimits
  /** Bytes that may wait to be sent to it. */
  readonly maxWaiting: () => number
}

/** Milliseconds. */
export type SessionLimits = {
  /** Until a key must have come. */
  readonly keyMs: number
  /** Between two pings; who has not answered one by the next is gone. */
  readonly pingMs: number
  /** After which a key is checked again. */
  readonly recheckMs: number
  /** For a client to receive why its connection ends. */
  readonly closeMs: number
}

/** As Alpaca's and others; the API lets a connection of its own last two hours. */
export const SESSION_LIMITS: SessionLimits = {
  keyMs: 10_000,
  pingMs: 30_000,
  recheckMs: 60 * 60_000,
  closeMs: 5000,
}

/** Faults after which a connection is of no use. */
const FATAL: ReadonlySet<FaultKind> = new Set([
  'key-refused',
  'no-key-in-time',
  'too-many-connections',
  'too-slow',
  'unavailable',
])
const POLICY_VIOLATION = 1008
const TRY_AGAIN_LATER = 1013

/** Speaks with a client until its connection ends. Its messages are handled one after the other. */
export class Session implements Subscriber {
  readonly #socket: WebSocket
  readonly #options: SessionOptions
  readonly #timers: NodeJS.Timeout[] = []
  #state: State = { type: 'greeted' }
  #turn: Promise<void> = Promise.resolve()
  #waiting = 0
  #isAlive = true
  #isOver = false

  constructor(socket: WebSocket, options: SessionOptions) {
    this.#socket = socket
    this.#options = options
    const { limits, key, format } = options
    socket.on('message', (data: Buffer) => this.#hear(data))
    socket.on('pong', () => {
      this.#isAlive = true
    })
    // What is no WebSocket ends the connection by itself.
    socket.on('error', () => undefined)
    socket.once('close', () => this.#leave())
    this.#send(format.protocol.connected)
    this.#timers.push(
      setTimeout(() => this.#refuseLate(), limits.keyMs),
      setInterval(() => this.#ping(), limits.pingMs),
      setInterval(() => void this.#recheck(), limits.recheckMs),
    )
    if (key !== undefined) this.#enqueue(() => this.#handle({ type: 'authenticate', key }))
  }

  deliver(updates: Parameters<Subscriber['deliver']>[0]): void {
    this.#write(this.#options.format.writeUpdates(updates))
  }

  end(fault: Fault): void {
    if (this.#isOver) return
    const { format } = this.#options
    this.#transmit(format.write(format.protocol.fault(fault)))
    this.#close(fault.kind === 'unavailable' ? TRY_AGAIN_LATER : POLICY_VIOLATION, fault.kind)
  }

  /** Ends it because the bridge stops. */
  goAway(): void {
    this.#close(1001, 'the bridge stops')
  }

  #hear(data: Buffer): void {
    if (!this.#isOver) this.#enqueue(() => this.#handle(this.#read(data)))
  }

  #read(data: Buffer): Command {
    const { read, protocol, isBinary } = this.#options.format
    try {
      return protocol.read(read(data))
    } catch {
      const detail = `a message is not ${isBinary ? 'MessagePack' : 'JSON'}`
      return { type: 'invalid', fault: { kind: 'invalid-message', detail } }
    }
  }

  #enqueue(work: () => Promise<void>): void {
    this.#waiting++
    // Nothing more is read meanwhile, so that what waits is bounded.
    this.#socket.pause()
    this.#turn = this.#turn.then(async () => {
      if (!this.#isOver) await work()
      this.#waiting--
      if (this.#waiting === 0) this.#socket.resume()
    })
  }

  async #handle(command: Command): Promise<void> {
    const decision = decide(this.#state, command)
    if (decision.type === 'refuse') return this.#refuse(decision.fault)
    if (decision.type === 'check') return await this.#authenticate(decision.key)
    if (this.#state.type !== 'authenticated' || !('selection' in command)) return
    this.#state = { ...this.#state, channels: decision.channels }
    const { hub, format } = this.#options
    try {
      await hub.change(this, decision.channels)
    } catch {
      return this.end({ kind: 'unavailable', detail: 'TickStock cannot be reached: connect again later' })
    }
    const { type: action, selection } = command
    this.#send(format.protocol.changed({ action, selection, channels: decision.channels }))
  }

  async #authenticate(key: string): Promise<void> {
    const check = await this.#options.checkKey(key)
    if (check === 'refused') return this.end(REFUSED)
    if (check === 'unavailable')
      return this.end({ kind: 'unavailable', detail: 'the key cannot be checked now: connect again later' })
    this.#state = { type: 'authenticated', key, channels: NO_CHANNELS }
    this.#send(this.#options.format.protocol.authenticated)
  }

  #refuse(fault: Fault): void {
    if (FATAL.has(fault.kind)) this.end(fault)
    else this.#send(this.#options.format.protocol.fault(fault))
  }

  #refuseLate(): void {
    // A key that is being checked came in time.
    if (this.#state.type === 'greeted' && this.#waiting === 0)
      this.end({
        kind: 'no-key-in-time',
        detail: `no key came within ${this.#options.limits.keyMs / 1000} s`,
      })
  }

  async #recheck(): Promise<void> {
    if (this.#state.type !== 'authenticated') return
    if ((await this.#options.checkKey(this.#state.key)) === 'refused') this.end(REFUSED)
  }

  #ping(): void {
    if (!this.#isAlive) return this.#socket.terminate()
    this.#isAlive = false
    this.#socket.ping()
  }

  #send(messages: readonly object[]): void {
    this.#write(this.#options.format.write(messages))
  }

  #write(frame: Buffer): void {
    if (this.#isOver) return
    this.#transmit(frame)
    if (this.#socket.bufferedAmount <= this.#options.maxWaiting()) return
    this.end({
      kind: 'too-slow',
      detail: `${this.#socket.bufferedAmount} bytes wait to be received: connect again, and read faster or less`,
    })
  }

  #transmit(frame: Buffer): void {
    this.#socket.send(frame, { binary: this.#options.format.isBinary })
  }

  #close(code: number, reason: string): void {
    this.#isOver = true
    this.#leave()
    this.#socket.close(code, reason)
    const giveUp = setTimeout(() => this.#socket.terminate(), this.#options.limits.closeMs)
    this.#socket.once('close', () => clearTimeout(giveUp))
  }

  #leave(): void {
    this.#isOver = true
    for (const timer of this.#timers) clearInterval(timer)
    this.#options.hub.leave(this)
  }
}

const REFUSED: Fault = { kind: 'key-refused', detail: 'the key is none of this deployment, or was revoked' }
