import { WebSocket } from 'ws'

import { BadFrameError, type Keys, type Venue, type VenueEvent } from './venue.ts'

export type ConnectionOptions = {
  readonly venue: Venue
  readonly symbols: readonly string[]
  readonly keys: Keys
  /** Milliseconds without a frame, a ping or a pong, or with a symbol's subscription unanswered, after which a connection is ended. */
  readonly muteMs: number
  readonly onEvent: (event: VenueEvent) => void
  readonly onBadFrame: (error: BadFrameError) => void
}

/** One WebSocket of a venue, from its start to its end. */
export type Connection = {
  /** Resolves when the venue has confirmed a subscription or sent a trade; never if it ends before. */
  readonly subscribed: Promise<void>
  /** Resolves with the reason once it has ended. */
  readonly ended: Promise<string>
  /** Reads nothing until `resume`, so that the venue's frames wait in its and our buffers. */
  pause(): void
  resume(): void
  close(): void
}

const HANDSHAKE_MS = 10_000
const SHOWS_SUBSCRIPTION: ReadonlySet<VenueEvent['type']> = new Set(['subscribed', 'trade', 'timed-trade'])
const LARGEST_FRAME_BYTES = 16 * 1024 * 1024

/** Connects, subscribes, and ends the connection when it is mute or does not answer the subscription. */
export function connect({
  venue,
  symbols,
  keys,
  muteMs,
  onEvent,
  onBadFrame,
}: ConnectionOptions): Connection {
  const socket = new WebSocket(venue.webSocketUrl, {
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: LARGEST_FRAME_BYTES,
  })
  const subscribed = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<string>()
  let aliveAt = performance.now()
  let subscribedAt = aliveAt
  const unanswered = new Set(symbols)
  let reason: string | undefined
  const alive = (): void => {
    aliveAt = performance.now()
  }
  const watch = setInterval(() => {
    if (socket.readyState !== WebSocket.OPEN || socket.isPaused) return
    const now = performance.now()
    if (now - aliveAt > muteMs) reason = `nothing came for ${muteMs / 1000} s`
    // It may answer pings for ever and never send a trade.
    else if (unanswered.size > 0 && now - subscribedAt > muteMs)
      reason = `no answer to the subscription of ${[...unanswered].join(', ')} for ${muteMs / 1000} s`
    else return socket.ping()
    socket.terminate()
  }, muteMs / 4)
  const answered = (event: VenueEvent): void => {
    if (event.type === 'trade' || event.type === 'timed-trade') unanswered.delete(event.trade.symbol)
    else if (event.type === 'subscribed' && event.symbols.length === 0) unanswered.clear()
    else if (event.type === 'subscribed' || event.type === 'refused')
      for (const symbol of event.symbols) unanswered.delete(symbol)
  }
  const subscribe = (): void => {
    subscribedAt = performance.now()
    for (const frame of venue.subscribe(symbols)) socket.send(frame)
  }
  const take = (frame: string): void => {
    for (const event of eventsOf(venue, frame, onBadFrame)) {
      answered(event)
      if (event.type === 'greeting' && venue.authenticate !== undefined) socket.send(venue.authenticate(keys))
      if (event.type === 'authenticated') subscribe()
      if (event.type === 'unreadable') onBadFrame(new BadFrameError(event.reason))
      if (SHOWS_SUBSCRIPTION.has(event.type)) subscribed.resolve()
      onEvent(event)
    }
  }
  socket.on('open', () => {
    alive()
    subscribedAt = aliveAt
    if (venue.authenticate === undefined) subscribe()
  })
  socket.on('message', (data) => {
    alive()
    // `nodebuffer` is the default of the library.
    take(Buffer.isBuffer(data) ? data.toString() : '')
  })
  socket.on('ping', alive)
  socket.on('pong', alive)
  socket.on('error', (error) => {
    reason ??= error.message
  })
  socket.on('close', (code, text) => {
    clearInterval(watch)
    const said = text.length === 0 ? '' : ` (${text.toString().slice(0, 120)})`
    ended.resolve(reason ?? `the venue closed it with ${code}${said}`)
  })
  return {
    subscribed: subscribed.promise,
    ended: ended.promise,
    pause: () => {
      if (socket.readyState === WebSocket.OPEN) socket.pause()
    },
    resume: () => {
      alive()
      if (socket.readyState === WebSocket.OPEN) socket.resume()
    },
    close: () => {
      reason ??= 'it was closed'
      // A venue that does not answer the close must not keep the process.
      if (socket.readyState === WebSocket.OPEN) socket.close()
      setTimeout(() => socket.terminate(), 1000).unref()
    },
  }
}

function eventsOf(
  venue: Venue,
  frame: string,
  onBadFrame: ConnectionOptions['onBadFrame'],
): readonly VenueEvent[] {
  try {
    return venue.read(frame)
  } catch (error) {
    if (!(error instanceof BadFrameError)) throw error
    onBadFrame(error)
    return []
  }
}
