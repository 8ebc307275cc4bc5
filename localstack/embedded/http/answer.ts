import { messageOf } from '../errors.ts'
import { discardRest, readBody } from './body.ts'
import { hostOf } from './foreign-request.ts'
import type { HttpHandler, HttpRequest, HttpResponse, Incoming, Outgoing } from './message.ts'
import { problem } from './problem.ts'
import { sendPieces } from './send-pieces.ts'

/** Why a request is refused before the handler of its service sees it. */
export type Refusal = {
  /** Malformed, too slow, or too large. */
  readonly status: 400 | 408 | 413
  readonly message: string
  readonly path: string
}

export type AnswerOptions = {
  /** Bytes that a body may have; a larger one is not read. @default 16 MiB */
  readonly maxBodyBytes?: number
  /** @default problem details in JSON */
  readonly refuse?: (refusal: Refusal) => HttpResponse
}

const defaultBodyBytes = 16 * 1024 * 1024

/** Collects a request, answers it through `handler`, and turns what it throws into a 500. */
export async function answer(
  incoming: Incoming,
  outgoing: Outgoing,
  handler: HttpHandler,
  options: AnswerOptions = {},
): Promise<void> {
  await send(incoming, outgoing, await respond(incoming, outgoing, { handler, ...options }))
  await discardRest(incoming)
}

/** Answers without reading what the client sends. */
export async function reject(incoming: Incoming, outgoing: Outgoing, response: HttpResponse): Promise<void> {
  await send(incoming, outgoing, response)
  await discardRest(incoming)
}

async function respond(
  incoming: Incoming,
  outgoing: Outgoing,
  {
    handler,
    maxBodyBytes = defaultBodyBytes,
    refuse = ({ status, message }) => problem(status, message),
  }: AnswerOptions & { readonly handler: HttpHandler },
): Promise<HttpResponse> {
  const [path = '/', query = ''] = (incoming.url ?? '/').split(/\?(.*)/s)
  const refused = (status: Refusal['status'], message: string): HttpResponse =>
    refuse({ status, message, path })
  if (isMalformed(incoming.url)) return refused(400, `${incoming.url} is not correctly percent-encoded.`)
  try {
    const body = await readBody(incoming, maxBodyBytes, () => {
      if (incoming.headers.expect?.toLowerCase() === '100-continue') outgoing.writeContinue()
    })
    if (body === 'too-large') return refused(413, `The body may have ${maxBodyBytes} bytes.`)
    if (body === 'too-late') return refused(408, 'The body took too long to arrive.')
    const request: HttpRequest = {
      method: incoming.method ?? 'GET',
      path,
      query: new URLSearchParams(query),
      headers: plainHeaders(incoming),
      body,
    }
    return await handler(request)
  } catch (error) {
    return { status: 500, body: JSON.stringify({ __type: 'InternalFailure', message: messageOf(error) }) }
  }
}

/** Whether a `%` in path or query does not begin the UTF-8 of a character. */
export function isMalformed(url = '/'): boolean {
  try {
    decodeURIComponent(url)
    return false
  } catch {
    return true
  }
}

/** As in HTTP/1.1: the host as a header, and no pseudo-headers. */
function plainHeaders({ headers }: Incoming): HttpRequest['headers'] {
  if (headers[':authority'] === undefined) return headers
  const plain = Object.entries(headers).filter(([name]) => !name.startsWith(':'))
  return { ...Object.fromEntries(plain), host: hostOf(headers) }
}

/** Headers that are of a connection of HTTP/1.1, and that HTTP/2 does not have. */
const ofConnection = /^(connection|keep-alive|proxy-connection|transfer-encoding|upgrade)$/i

async function send(
  incoming: Incoming,
  outgoing: Outgoing,
  { status, headers = {}, body = '', pieces }: HttpResponse,
): Promise<void> {
  const isHead = incoming.method === 'HEAD'
  const sent = Object.entries(headers).filter(
    ([name]) => incoming.httpVersionMajor === 1 || !ofConnection.test(name),
  )
  outgoing.writeHead(status, {
    ...(isHead ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    'x-content-type-options': 'nosniff',
    ...Object.fromEntries(sent),
  })
  if (pieces !== undefined && !isHead) await sendPieces(outgoing, pieces)
  else outgoing.end(isHead ? '' : body)
}
