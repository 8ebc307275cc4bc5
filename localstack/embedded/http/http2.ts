import type { Server } from 'node:http'
import { createServer } from 'node:http2'
import type { ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { Limits } from './limits.ts'
import type { Incoming, Outgoing } from './message.ts'

/** What a client sends first that speaks HTTP/2 without having asked: the start of the preface (RFC 9113, 3.4). */
const preface = Buffer.from('PRI')

/**
 * Makes a server of HTTP/1.1 speak HTTP/2 with the clients that begin so, on the same port and without TLS, as the SDK's
 * Kinesis client does.
 */
export function serveHttp2(
  server: Server,
  listener: (request: Incoming, response: Outgoing) => void,
  { headersMs }: Pick<Limits, 'headersMs'>,
): { readonly close: () => void; readonly destroy: () => void } {
  const sessions = new Set<ServerHttp2Session>()
  const undecided = new Set<Socket>()
  const http2 = createServer({ settings: { maxConcurrentStreams: 100 } }, listener)
  http2.on('checkContinue', listener)
  http2.on('session', (session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session)).on('error', () => undefined)
    session.setTimeout(headersMs, () => session.destroy())
    session.once('stream', () => session.setTimeout(0))
  })
  const http1 = server.listeners('connection')
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    undecided.add(socket)
    onFirstBytes(socket, headersMs, (bytes) => {
      undecided.delete(socket)
      if (bytes === undefined) return
      // A session reads from the paused socket what is there, and then from below it.
      if (bytes.subarray(0, preface.length).equals(preface)) http2.emit('connection', socket)
      else {
        for (const listen of http1) Reflect.apply(listen, server, [socket])
        socket.resume()
      }
    })
  })
  return {
    close: () => {
      for (const socket of undecided) socket.destroy()
      for (const session of sessions) session.close()
    },
    destroy: () => {
      for (const session of sessions) session.destroy()
    },
  }
}

/** Calls back once with enough bytes to tell the protocol, which stay to be read; with undefined if none come. */
function onFirstBytes(socket: Socket, milliseconds: number, tell: (bytes: Buffer | undefined) => void): void {
  let bytes = Buffer.alloc(0)
  const stop = (found: Buffer | undefined): void => {
    socket
      .off('data', read)
      .off('error', end)
      .off('end', end)
      .off('close', end)
      .off('timeout', end)
      .setTimeout(0)
    tell(found)
  }
  const end = (): void => {
    stop(undefined)
    socket.destroy()
  }
  const read = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk])
    if (bytes.length < preface.length && preface.subarray(0, bytes.length).equals(bytes)) return
    socket.pause()
    socket.unshift(bytes)
    stop(bytes)
  }
  socket
    .on('data', read)
    .on('error', end)
    .on('end', end)
    .on('close', end)
    .on('timeout', end)
    .setTimeout(milliseconds)
}
