import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { groupValues, lastOf } from '../api-gateway/multi-values.ts'
import type { MultiValues } from '../api-gateway/multi-values.ts'

/** A connection as the events of its routes tell of it. */
export type ConnectionContext = {
  readonly connectionId: string
  readonly apiId: string
  readonly stage: string
  /** The host and port that the client asked for. */
  readonly domainName: string
  /** Unix milliseconds. */
  readonly connectedAt: number
  /** What the authorizer of `$connect` said of the client, as text. */
  readonly authorizer?: Readonly<Record<string, string>>
  readonly identity: {
    readonly sourceIp: string
    readonly userAgent?: string
    readonly apiKey?: string
    readonly apiKeyId?: string
  }
}

/** An id as API Gateway makes them for connections, requests and messages: 15 characters and `=`. */
export function newId(): string {
  return `${randomBytes(11).toString('base64url')}=`
}

/** How a connection ended, in the codes of RFC 6455. */
export type Close = { readonly code: number; readonly reason: string }

/** What the events of one request have in common. */
type Occasion = {
  readonly context: ConnectionContext
  readonly requestId: string
  /** Unix milliseconds. */
  readonly time: number
}

/** The event of `$connect`. */
export function connectEvent(request: IncomingMessage, occasion: Occasion): Record<string, unknown> {
  const query = groupValues(queryOf(request))
  return {
    ...headersOf(forwardedHeaders(request)),
    ...(query.size > 0 && {
      queryStringParameters: lastOf(query),
      multiValueQueryStringParameters: Object.fromEntries(query),
    }),
    requestContext: requestContext('CONNECT', '$connect', occasion),
    isBase64Encoded: false,
  }
}

/** The event of the authorizer of `$connect`. */
export function authorizerEvent(
  request: IncomingMessage,
  { methodArn, ...occasion }: Occasion & { readonly methodArn: string },
): Record<string, unknown> {
  const query = groupValues(queryOf(request))
  return {
    type: 'REQUEST',
    methodArn,
    ...headersOf(forwardedHeaders(request)),
    queryStringParameters: lastOf(query),
    multiValueQueryStringParameters: Object.fromEntries(query),
    stageVariables: {},
    requestContext: requestContext('CONNECT', '$connect', occasion),
  }
}

export function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  const [, search = ''] = url.split(/\?(.*)/s)
  return new URLSearchParams(search)
}

/** The event of a message; `routeKey` is that of the route that it selected. */
export function messageEvent(
  body: string,
  { routeKey, ...occasion }: Occasion & { readonly routeKey: string },
): Record<string, unknown> {
  return {
    requestContext: { ...requestContext('MESSAGE', routeKey, occasion), messageId: newId() },
    body,
    isBase64Encoded: false,
  }
}

/** The event of `$disconnect`. */
export function disconnectEvent(close: Close, occasion: Occasion): Record<string, unknown> {
  return {
    ...headersOf(
      new Map([
        ['Host', [occasion.context.domainName]],
        ['x-api-key', ['']],
        ['X-Forwarded-For', ['']],
        ['x-restapi', ['']],
      ]),
    ),
    requestContext: {
      ...requestContext('DISCONNECT', '$disconnect', occasion),
      disconnectStatusCode: close.code,
      disconnectReason: close.reason === '' ? (reasons[close.code] ?? '') : close.reason,
    },
    isBase64Encoded: false,
  }
}

/** How API Gateway calls closes that tell no reason of their own. */
const reasons: Readonly<Record<number, string>> = {
  1000: 'Connection Closed Normally',
  1001: 'Going away',
  1005: 'Client-side close frame status not set',
}

function requestContext(
  eventType: 'CONNECT' | 'MESSAGE' | 'DISCONNECT',
  routeKey: string,
  { context, requestId, time }: Occasion,
) {
  return {
    routeKey,
    eventType,
    extendedRequestId: requestId,
    requestTime: commonLogTime(time),
    messageDirection: 'IN',
    ...context,
    requestTimeEpoch: time,
    requestId,
  }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `09/Feb/2024:18:23:28 +0000` */
function commonLogTime(time: number): string {
  const [date = '', clock = ''] = new Date(time).toISOString().split(/[T.]/)
  const [year, month, day] = date.split('-')
  return `${day}/${months[Number(month) - 1]}/${year}:${clock} +0000`
}

/** Those of the client, written as it wrote them, and those that API Gateway adds; none of the hop itself. */
function forwardedHeaders({ rawHeaders, socket }: IncomingMessage): MultiValues {
  const pairs = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : [],
  )
  return new Map([
    ...groupValues(pairs.filter(([name]) => !/^(connection|upgrade)$/i.test(name))),
    ['X-Forwarded-For', [socket.remoteAddress ?? '']],
    ['X-Forwarded-Port', [String(socket.localPort ?? '')]],
    ['X-Forwarded-Proto', ['http']],
  ])
}

function headersOf(headers: MultiValues) {
  return {
    headers: lastOf(headers),
    multiValueHeaders: Object.fromEntries(headers),
  }
}
