import * as z from 'zod'

import { watchSilence } from '../stage/watch-silence.ts'
import { type Interest, NO_INTEREST, nextChange } from './interest.ts'

type ConnectionOptions = {
  readonly url: string
  readonly key: string
  readonly quietMs: number
  readonly onRecords: (records: readonly unknown[]) => void
  /** The subscription has changed. */
  readonly onSubscribed: () => void
}

const jsonSchema = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue('it is not JSON')
    return z.NEVER
  }
})
const messageSchema = jsonSchema.pipe(
  z.union([
    z.array(z.unknown()),
    z.looseObject({ type: z.literal('error'), error: z.string() }),
    z.looseObject({
      type: z.enum(['subscribed', 'unsubscribed']),
      subscriptions: z.object({ bar: z.array(z.string()), ticks: z.array(z.string()) }),
    }),
    z.looseObject({ type: z.literal('pong') }),
    // API Gateway's own, when it has too much to do or the function fails.
    z.looseObject({ message: z.string() }).transform(() => ({ type: 'failed' }) as const),
  ]),
)

/** Before a message that was refused is sent again. */
const AGAIN_MS = 1000

/** A connection to the WebSocket API, whose subscription is changed message by message until it is what is wanted. */
export class Connection {
  /** Why it has ended. */
  readonly ended: Promise<string>
  readonly #options: ConnectionOptions
  readonly #socket: WebSocket
  readonly #end: (reason: string) => void
  readonly #silence: ReturnType<typeof watchSilence>
  #subscribed = NO_INTEREST
  #wanted = NO_INTEREST
  /** An answer is awaited, which comes before the next message may be sent. */
  #isAsking = false
  #again: NodeJS.Timeout | undefined
  #fault = ''
  #isOver = false

  constructor(options: ConnectionOptions) {
    this.#options = options
    const { promise, resolve } = Promise.withResolvers<string>()
    this.ended = promise
    this.#end = resolve
    const { url, key, quietMs } = options
    this.#socket = new WebSocket(url, { headers: { 'x-api-key': key } })
    this.#silence = watchSilence(quietMs, {
      onQuiet: () => {
        if (this.#isOpen()) this.#send({ action: 'ping' })
      },
      // A connection that is mute does not answer the closing either, so nothing waits for it.
      onMute: () => this.#finish(`nothing came for ${(2 * quietMs) / 1000} s`),
    })
    this.#socket.addEventListener('open', () => this.#ask())
    this.#socket.addEventListener('error', (event) => {
      if ('message' in event && typeof event.message === 'string') this.#fault ||= event.message
    })
    this.#socket.addEventListener('message', ({ data }) => this.#take(String(data)))
    this.#socket.addEventListener('close', ({ code, reason }) =>
      this.#finish(this.#fault || reason || `the connection ended (${code})`),
    )
  }

  /** What it is subscribed to; once it has ended, what it was. */
  get subscribed(): Interest {
    return this.#subscribed
  }

  want(wanted: Interest): void {
    this.#wanted = wanted
    this.#ask()
  }

  close(): void {
    this.#finish('it stops')
  }

  #isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  #send(message: object): void {
    this.#socket.send(JSON.stringify(message))
  }

  #ask(): void {
    const change = this.#isAsking || !this.#isOpen() ? undefined : nextChange(this.#subscribed, this.#wanted)
    if (change === undefined) return
    this.#isAsking = true
    this.#send(change)
  }

  #take(text: string): void {
    if (this.#isOver) return
    this.#silence.heard()
    const { data: message } = messageSchema.safeParse(text)
    if (message === undefined) return
    if (Array.isArray(message)) return this.#options.onRecords(message)
    switch (message.type) {
      case 'pong':
        return
      case 'failed':
        this.#again = setTimeout(() => this.#askAgain(), AGAIN_MS)
        return
      case 'error':
        return this.#finish(`the subscription is refused: ${message.error}`)
      case 'subscribed':
      case 'unsubscribed':
        this.#isAsking = false
        this.#subscribed = {
          bar: new Set(message.subscriptions.bar),
          ticks: new Set(message.subscriptions.ticks),
        }
        this.#ask()
        this.#options.onSubscribed()
        return
      default:
        message satisfies never
    }
  }

  #askAgain(): void {
    this.#isAsking = false
    this.#ask()
  }

  #finish(reason: string): void {
    this.#isOver = true
    this.#silence.end()
    clearTimeout(this.#again)
    this.#end(reason)
    this.#socket.close()
  }
}
