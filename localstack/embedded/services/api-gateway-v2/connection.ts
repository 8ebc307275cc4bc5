import { isUtf8 } from 'node:buffer'
import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import { codeOf } from '../../errors.ts'
import type { Clock } from '../../clock.ts'
import type { Close, ConnectionContext } from './events.ts'
import { watchFrameSizes } from './frame-sizes.ts'
import { limits } from './limits.ts'
import { createMessageIntake } from './message-intake.ts'
import type { Handled } from './message-intake.ts'

/** A client that is connected. */
export type Connection = {
  readonly context: ConnectionContext
  /** Unix milliseconds at which something was last sent either way. */
  readonly lastActiveAt: () => number
  /** `full`: the client did not read what was sent before, and the connection is closed. */
  readonly send: (data: string | Buffer) => 'sent' | 'full'
  /** Begins to close: nothing is taken or sent any more. */
  readonly close: (code: number, reason: string) => void
  /** Whether neither side has started to close it. */
  readonly isOpen: () => boolean
  readonly closed: Promise<Close>
}

/** Minds the limits of a connection, and hands on the text of each message that keeps them. */
export function openConnection(
  socket: WebSocket,
  {
    stream,
    context,
    clock,
    onMessage,
  }: {
    /** What the WebSocket's bytes come from. */
    readonly stream: Duplex
    readonly context: ConnectionContext
    readonly clock: Clock
    readonly onMessage: (text: string) => Promise<Handled>
  },
): Connection {
  let lastActiveAt = clock.now()
  let ours: Close | undefined
  const timers = new Map<'idle' | 'lifetime' | 'closing', () => void>()
  const active = (): void => {
    lastActiveAt = clock.now()
  }
  const isOpen = (): boolean => socket.readyState === WebSocket.OPEN
  const intake = createMessageIntake({
    handle: onMessage,
    read: (mode) => (mode === 'on' ? socket.resume() : socket.pause()),
    clock,
  })
  const close = (code: number, reason: string): void => {
    if (!isOpen()) return
    ours = { code, reason }
    intake.end()
    // To hear the client's answer.
    socket.resume()
    socket.close(code, reason)
    timers.set(
      'closing',
      clock.after(limits.closeMs, () => socket.terminate()),
    )
  }
  const closeIfIdle = (): void => {
    const left = lastActiveAt + limits.idleMs - clock.now()
    if (left > 0) timers.set('idle', clock.after(left, closeIfIdle))
    else close(1001, 'Going away')
  }
  timers.set('idle', clock.after(limits.idleMs, closeIfIdle))
  timers.set(
    'lifetime',
    clock.after(limits.connectionMs, () => close(1001, 'Going away')),
  )
  const tooLong = watchFrameSizes(limits.frameBytes)
  // Before the WebSocket reads the chunk: it may hold the whole frame.
  stream.prependListener('data', (chunk: Buffer) => {
    if (isOpen() && tooLong(chunk)) close(1009, 'Frame is too long')
  })
  socket.on('message', (data: Buffer, isBinary) => {
    if (!isOpen()) return
    active()
    if (isBinary) close(1003, 'Binary frames are not supported')
    else intake.take(data.toString('utf8'))
  })
  socket.on('ping', active)
  // What the library refuses, it closes itself, and hears no answer.
  socket.on('error', (error) => {
    ours ??= closeOf(error)
  })
  const closed = new Promise<Close>((resolve) => {
    socket.on('close', (code, reason) => {
      for (const cancel of timers.values()) cancel()
      intake.end()
      resolve(ours ?? { code, reason: String(reason) })
    })
  })
  return {
    context,
    lastActiveAt: () => lastActiveAt,
    close,
    isOpen,
    closed,
    send: (data) => {
      if (socket.bufferedAmount + Buffer.byteLength(data) > limits.bufferedBytes) {
        socket.terminate()
        return 'full'
      }
      active()
      socket.send(data, { binary: typeof data !== 'string' && !isUtf8(data) })
      return 'sent'
    },
  }
}

/** The close with which the WebSocket library answers what a client may not send; undefined for another error. */
function closeOf(error: Error): Close | undefined {
  const code = codeOf(error)
  if (code?.startsWith('WS_ERR_') !== true) return undefined
  return { code: closeCodes[code] ?? 1002, reason: error.message }
}

const closeCodes: Readonly<Record<string, number>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
}
