import { createServer, STATUS_CODES } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { codeOf, messageOf, StartError } from '../errors.ts'

/** A request that has arrived as a whole. */
export type HttpRequest = {
  readonly method: string
  /** Still percent-encoded, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export type HttpResponse = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

export type HttpHandler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>

export type HttpServer = {
  readonly endpoint: string
  readonly close: () => Promise<void>
}

/** The host that every server of the runtime listens on, unreachable from the network. */
export const loopback = '127.0.0.1'

/** Bytes of the request line and headers that are read; API Gateway takes 10,240, the function refuses what it cannot use. */
const maxHeaderSize = 256 * 1024

/**
 * Connections that may wait to be accepted. With the usual 511, a burst of clients that meets a busy process leaves some with
 * a reset or a timeout.
 */
const backlog = 4096

/** Takes over the connection of those requests that `wants` it. */
export type Upgrade = {
  readonly wants: (request: IncomingMessage) => boolean
  readonly take: (request: IncomingMessage, stream: Duplex, head: Buffer) => void
}

/** Serves on loopback; port 0 takes a free one. Throws a StartError if the port is in use. */
export async function startHttpServer(
  port: number,
  listener: (request: IncomingMessage, response: ServerResponse) => void,
  upgrade?: Upgrade,
): Promise<HttpServer> {
  const server = createServer(
    { maxHeaderSize, ...(upgrade && { shouldUpgradeCallback: upgrade.wants }) },
    listener,
  )
  if (upgrade !== undefined) server.on('upgrade', upgrade.take)
  server.on('clientError', refuse)
  // A connection that the server drops as idle can meet a request on its way: let clients close them.
  server.keepAliveTimeout = 0
  await listen(server, port)
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return {
    endpoint: `http://${loopback}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Node.js by itself would answer without a body. */
function refuse(error: Error, socket: Duplex): void {
  if (!socket.writable) return
  const isLong = codeOf(error) === 'HPE_HEADER_OVERFLOW'
  const [status, title] = isLong ? [431, 'The request is too long'] : [400, 'The request is not HTTP']
  const detail = isLong ? `Its line and headers may have ${maxHeaderSize} bytes.` : error.message
  const body = JSON.stringify({ type: 'about:blank', title, status, detail })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const message =
        codeOf(error) === 'EADDRINUSE'
          ? `Port ${port} is in use: stop what listens there, or choose another.`
          : `Cannot listen on port ${port}: ${error.message}. Choose another.`
      reject(new StartError(message, { cause: error }))
    })
    server.listen({ port, host: loopback, backlog }, resolve)
  })
}

/** Collects a request, answers it through `handler`, and turns what it throws into a 500. */
export async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handler: HttpHandler,
): Promise<void> {
  const response = await respond(incoming, handler)
  const body = response.body ?? ''
  outgoing.writeHead(response.status, {
    ...(incoming.method === 'HEAD' ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    ...response.headers,
  })
  outgoing.end(incoming.method === 'HEAD' ? undefined : body)
}

async function respond(incoming: IncomingMessage, handler: HttpHandler): Promise<HttpResponse> {
  try {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
    const [path = '/', query = ''] = (incoming.url ?? '/').split(/\?(.*)/s)
    return await handler({
      method: incoming.method ?? 'GET',
      path,
      query: new URLSearchParams(query),
      headers: incoming.headers,
      body: Buffer.concat(chunks),
    })
  } catch (error) {
    return { status: 500, body: JSON.stringify({ __type: 'InternalFailure', message: messageOf(error) }) }
  }
}
