import * as z from 'zod'

import { isBinary } from '../formats/formats.ts'
import { methodNotAllowed } from './problem.ts'

/** Methods of which no `Request` can be made. */
const UNSPEAKABLE = new Set(['CONNECT', 'TRACE', 'TRACK'])

/** Lists by name. Entries, since an object of zod leaves out `__proto__`, and names are the client's. */
const entriesSchema = z
  .unknown()
  .transform((lists): [string, unknown][] =>
    typeof lists === 'object' && lists !== null ? Object.entries(lists) : [],
  )
  .pipe(z.array(z.tuple([z.string(), z.array(z.string())])))

/** The part of a proxy event (REST API, payload 1.0) that the API reads. */
const eventSchema = z.object({
  httpMethod: z.string(),
  path: z.string(),
  multiValueQueryStringParameters: entriesSchema,
  multiValueHeaders: entriesSchema,
  requestContext: z
    .object({ requestId: z.string(), stage: z.string(), path: z.string(), domainName: z.string() })
    .partial()
    .optional(),
})

type ProxyEvent = z.infer<typeof eventSchema>

/** How a request has come. */
export type Arrival = {
  /** API Gateway's id of it. */
  readonly requestId: string
  /** The address of the API, without a slash at the end. */
  readonly base: string
}

/** What API Gateway takes as the answer of a function. */
export type ProxyResult = {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The body is bytes in base64. */
  readonly isBase64Encoded?: true
}

/** Where requests go; a Hono app is one. */
export type Fetches = { fetch(request: Request, arrival: Arrival): Response | Promise<Response> }

/** A Lambda handler for the proxy events of a REST API. Bodies are never read: nothing here takes one. */
export function serveEvents(app: Fetches): (event: unknown) => Promise<ProxyResult> {
  return async (event) => {
    const parsed = eventSchema.parse(event)
    const response = UNSPEAKABLE.has(parsed.httpMethod)
      ? methodNotAllowed(parsed.httpMethod, parsed.path)
      : await app.fetch(requestOf(parsed), arrivalOf(parsed))
    return {
      statusCode: response.status,
      headers: Object.fromEntries(response.headers),
      ...(await bodyOf(response)),
    }
  }
}

async function bodyOf(response: Response): Promise<Pick<ProxyResult, 'body' | 'isBase64Encoded'>> {
  const { headers } = response
  if (!headers.has('content-encoding') && !isBinary(headers.get('content-type')))
    return { body: await response.text() }
  return { body: (await bytesOf(response)).toString('base64'), isBase64Encoded: true }
}

/** Without a copy where they come in one piece, as those of a megabyte that are not a stream do. */
async function bytesOf({ body }: Response): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of body ?? []) pieces.push(piece)
  const [{ buffer, byteOffset, byteLength } = new Uint8Array()] = pieces
  return pieces.length <= 1 ? Buffer.from(buffer, byteOffset, byteLength) : Buffer.concat(pieces)
}

function arrivalOf({ path, multiValueHeaders, requestContext = {} }: ProxyEvent): Arrival {
  const { requestId = '', domainName = 'api', path: whole = path } = requestContext
  const [, [protocol = 'http'] = []] =
    multiValueHeaders.find(([name]) => name.toLowerCase() === 'x-forwarded-proto') ?? []
  const before = whole.endsWith(path) ? whole.slice(0, whole.length - path.length) : ''
  return { requestId, base: `${protocol}://${domainName}${before}` }
}

/** The path behind the stage: a client that puts the path of a page's address behind its base names the stage twice. */
function pathOf({ path, requestContext }: ProxyEvent): string {
  const stage = `/${requestContext?.stage ?? ''}/`
  return stage !== '//' && path.startsWith(`${stage}v`) ? path.slice(stage.length - 1) : path
}

function requestOf(event: ProxyEvent): Request {
  // The path comes without the query, so what looks like the start of one belongs to a name.
  const path = pathOf(event).replaceAll(/[?#]/g, encodeURIComponent)
  const url = new URL(`https://api${path.startsWith('/') ? path : `/${path}`}`)
  for (const [name, values] of event.multiValueQueryStringParameters)
    for (const value of values) url.searchParams.append(name, value)
  const headers = new Headers()
  for (const [name, values] of event.multiValueHeaders)
    for (const value of values) if (isHeaderValue(value)) headers.append(name, value)
  return new Request(url, { method: event.httpMethod, headers })
}

/** What else a client may send is of no use to us, and `Headers` would throw at it. */
function isHeaderValue(value: string): boolean {
  return /^[\t\u0020-\u007e]*$/.test(value)
}
