import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'

/** A request that has arrived as a whole. */
export type HttpRequest = {
  readonly method: string
  /** Still percent-encoded, and well-formed, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** `host` is among them in HTTP/2 too. */
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export type HttpResponse = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** In place of a body that is too large for the memory; `content-length` is among the headers. */
  readonly pieces?: AsyncIterable<Buffer>
}

export type HttpHandler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>

/** A request whose body has not arrived yet, of HTTP/1.1 or HTTP/2. */
export type Incoming = IncomingMessage | Http2ServerRequest

/** What is in use of the responses of both. */
export type Outgoing = {
  writeContinue(): unknown
  writeHead(status: number, headers: OutgoingHttpHeaders): unknown
  /** False when `drain` is to be waited for. */
  write(piece: Buffer): boolean
  once(event: 'drain' | 'close', listener: () => void): unknown
  off(event: 'drain' | 'close', listener: () => void): unknown
  /** Ends the connection in the middle. */
  destroy(): unknown
  end(body: string | Buffer): unknown
}
