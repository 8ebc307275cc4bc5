import type { WebSocket } from 'ws'

import { NO_CHANNELS } from './channels.ts'
import { ClientSocket } from './client-socket.ts'
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

/** Alpaca waits ten seconds for a key, too. */
export const SESSION_LIMITS: SessionLimits = {
  keyMs: 10_000,
  pingMs: 30_000,
  recheckMs: 60 * 60_000,
  closeMs: 5000,
}

const REFUSED: Fault = { kind: 'key-refused', detail: 'the key is none of this deployment, or was revoked' }
/** https://www.iana.org/assignments/websocket/websocket.xhtml */
const CLOSE = { goingAway: 1001, policyViolation: 1008, tryAgainLater: 1013 }

/** Speaks with a client until its connection ends. Its messages are handled one after the other. */
export class Session implements Subscriber {
  readonly #socket: ClientSocket
  readonly #options: SessionOptions
  readonly #timers: readonly NodeJS.Timeout[]
  #state: State = { type: 'greeted' }
  #turn: Promise<void> = Promise.resolve()
  /** Messages that are not handled yet. */
  #unhandled = 0

  constructor(socket: WebSocket, options: SessionOptions) {
    this.#options = options
    const { limits, key, format } = options
    this.#socket = new ClientSocket(socket, {
      isBinary: format.isBinary,
      ...limits,
      onMessage: (data) => this.#enqueue(() => this.#read(data)),
      onEnd: () => this.#leave(),
    })
    this.#timers = [
      setTimeout(() => this.#endLate(), limits.keyMs),
      setInterval(() => void this.#recheck(), limits.recheckMs),
    ]
    this.#send(format.protocol.connected)
    if (key !== undefined) this.#enqueue(() => ({ type: 'authenticate', key }))
  }

  deliver(updates: Parameters<Subscriber['deliver']>[0]): void {
    this.#write(this.#options.format.writeUpdates(updates))
  }

  end(fault: Fault): void {
    const { format } = this.#options
    this.#socket.send(format.write(format.protocol.fault(fault)))
    const { tryAgainLater, policyViolation } = CLOSE
    this.#socket.close(fault.kind === 'unavailable' ? tryAgainLater : policyViolation, fault.kind)
  }

  /** Ends it because the bridge stops. */
  goAway(): void {
    this.#socket.close(CLOSE.goingAway, 'the bridge stops')
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

  #enqueue(read: () => Command): void {
    this.#unhandled++
    this.#socket.pause()
    this.#turn = this.#turn.then(async () => {
      if (!this.#socket.isOver) await this.#handle(read())
      this.#unhandled--
      if (this.#unhandled === 0) this.#socket.resume()
    })
  }

  async #handle(command: Command): Promise<void> {
    const decision = decide(this.#state, command)
    if (decision.type === 'refuse') return this.#send(this.#options.format.protocol.fault(decision.fault))
    if (decision.type === 'check') return await this.#authenticate(decision.key)
    if (this.#state.type !== 'authenticated' || !('selection' in command)) return
    this.#state = { ...this.#state, channels: decision.channels }
    const { hub, format } = this.#options
    try {
      await hub.change(this, decision.channels)
    } catch {
      return this.end(unavailable('TickStock cannot be reached'))
    }
    const { type: action, selection } = command
    this.#send(format.protocol.changed({ action, selection, channels: decision.channels }))
  }

  async #authenticate(key: string): Promise<void> {
    const check = await this.#options.checkKey(key)
    if (check === 'refused') return this.end(REFUSED)
    if (check === 'unavailable') return this.end(unavailable('the key cannot be checked now'))
    this.#state = { type: 'authenticated', key, channels: NO_CHANNELS }
    this.#send(this.#options.format.protocol.authenticated)
  }

  #endLate(): void {
    // A key that is being checked came in time.
    if (this.#state.type === 'authenticated' || this.#unhandled > 0) return
    const detail = `no key came within ${this.#options.limits.keyMs / 1000} s`
    this.end({ kind: 'no-key-in-time', detail })
  }

  async #recheck(): Promise<void> {
    if (this.#state.type !== 'authenticated') return
    if ((await this.#options.checkKey(this.#state.key)) === 'refused') this.end(REFUSED)
  }

  #send(messages: readonly object[]): void {
    this.#write(this.#options.format.write(messages))
  }

  #write(frame: Buffer): void {
    this.#socket.send(frame)
    const { waiting } = this.#socket
    if (waiting > this.#options.maxWaiting())
      this.end({ kind: 'too-slow', detail: `${waiting} bytes wait to be received: read faster, or less` })
  }

  #leave(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#options.hub.leave(this)
  }
}

function unavailable(problem: string): Fault {
  return { kind: 'unavailable' satisfies FaultKind, detail: `${problem}: connect again later` }
}
