import { createServer } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { codeOf, StartError } from '../errors.ts'
import { isMalformed, reject } from './answer.ts'
import { foreignReason, noPages } from './foreign-request.ts'
import type { PageAccess } from './foreign-request.ts'
import { serveHttp2 } from './http2.ts'
import { standardLimits } from './limits.ts'
import type { Limits } from './limits.ts'
import type { Incoming, Outgoing } from './message.ts'
import { problem, rawProblem } from './problem.ts'

export type HttpServer = {
  readonly endpoint: string
  /** Takes no more connections, finishes what has begun, and ends what takes longer than a moment. */
  readonly close: () => Promise<void>
}

/** The host that every server of the runtime listens on, unreachable from the network. */
export const loopback = '127.0.0.1'

/** Takes over the connection of those requests that `wants` it. */
export type Upgrade = {
  readonly wants: (request: IncomingMessage) => boolean
  readonly take: (request: IncomingMessage, stream: Duplex, head: Buffer) => void
}

export type HttpServerOptions = {
  readonly upgrade?: Upgrade
  /** @default they may use nothing */
  readonly pages?: PageAccess
  /** @default standardLimits */
  readonly limits?: Partial<Limits>
}

/**
 * Serves HTTP/1.1 and HTTP/2 on loopback; port 0 takes a free one. Every server of the runtime is started here, so that
 * none takes a request that a web page sent. Throws a StartError if the port is in use.
 */
export async function startHttpServer(
  port: number,
  listener: (request: Incoming, response: Outgoing) => void,
  { upgrade, pages = noPages, ...options }: HttpServerOptions = {},
): Promise<HttpServer> {
  const limits: Limits = { ...standardLimits, ...options.limits }
  const guarded = (request: Incoming, response: Outgoing): void => {
    const reason = foreignReason(request, pages)
    if (reason === undefined) listener(request, response)
    else void reject(request, response, problem(403, reason))
  }
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.headersMs + limits.bodyMs,
    connectionsCheckingInterval: limits.checkMs,
    // What is refused is no upgrade: `guarded` answers it.
    shouldUpgradeCallback: (request) =>
      upgrade?.wants(request) === true &&
      !isMalformed(request.url) &&
      foreignReason(request, pages) === undefined,
  })
  // By itself the server would ask for a body that is then refused.
  server.on('request', guarded).on('checkContinue', guarded).on('clientError', refuse)
  if (upgrade !== undefined) server.on('upgrade', upgrade.take)
  server.maxConnections = limits.connections
  // A connection that the server drops as idle can meet a request on its way: by itself it lets clients close them.
  server.keepAliveTimeout = limits.idleMs
  const http2 = serveHttp2(server, guarded, limits)
  await listen(server, port)
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return {
    endpoint: `http://${loopback}:${bound}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      server.closeIdleConnections()
      http2.close()
      const end = setTimeout(() => {
        server.closeAllConnections()
        http2.destroy()
      }, limits.closeMs)
      await closed
      clearTimeout(end)
    },
  }
}

/** Node.js by itself would answer without a body. */
function refuse(error: Error, socket: Duplex): void {
  if (!socket.writable) return
  socket.end(rawProblem(...reasonOf(error)))
}

function reasonOf(error: Error): [status: number, detail: string] {
  const code = codeOf(error)
  if (code === 'HPE_HEADER_OVERFLOW')
    return [431, `The request line and headers may have ${standardLimits.headerBytes} bytes.`]
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return [408, 'The request took too long to arrive.']
  return [400, `The request is not HTTP: ${error.message}.`]
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, fail) => {
    server.once('error', (error) => {
      const message =
        codeOf(error) === 'EADDRINUSE'
          ? `Port ${port} is in use: stop what listens there, or choose another.`
          : `Cannot listen on port ${port}: ${error.message}. Choose another.`
      fail(new StartError(message, { cause: error }))
    })
    server.listen({ port, host: loopback, backlog: standardLimits.backlog }, resolve)
  })
}
