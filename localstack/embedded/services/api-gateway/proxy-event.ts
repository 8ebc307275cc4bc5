import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { HttpRequest, HttpResponse } from '../../http/message.ts'
import type { Authorization } from './authorizer-result.ts'
import { groupValues, lastOf } from './multi-values.ts'
import type { MatchedRoute } from './rest-api.ts'

/** Where a request has come to. */
type Place = {
  readonly accountId: string
  readonly apiId: string
  readonly stage: string
  /** The path behind the stage, still percent-encoded. */
  readonly path: string
  readonly route: MatchedRoute
  /** Unix milliseconds. */
  readonly time: number
}

export type ProxyContext = Place & {
  readonly apiKey: { readonly id: string; readonly value: string } | undefined
  readonly authorization: Authorization | undefined
  /** Of the API. */
  readonly binaryMediaTypes: readonly string[]
}

/** The event of a Lambda proxy integration of a REST API (payload 1.0). */
export function proxyEvent(request: HttpRequest, context: ProxyContext): Record<string, unknown> {
  const { headers, query, pathParameters } = partsOf(request, context)
  const { authorization } = context
  return {
    resource: context.route.resourcePath,
    path: context.path,
    httpMethod: request.method,
    headers: lastOf(headers),
    multiValueHeaders: Object.fromEntries(headers),
    queryStringParameters: query.size === 0 ? null : lastOf(query),
    multiValueQueryStringParameters: query.size === 0 ? null : Object.fromEntries(query),
    pathParameters: Object.keys(pathParameters).length === 0 ? null : pathParameters,
    stageVariables: null,
    requestContext: {
      ...requestContext(request, context, context.apiKey),
      ...(authorization && {
        authorizer: { ...authorization.context, principalId: authorization.principalId },
      }),
    },
    ...bodyOf(request, context.binaryMediaTypes),
  }
}

function bodyOf({ body, headers }: HttpRequest, binaryMediaTypes: readonly string[]) {
  if (body.length === 0) return { body: null, isBase64Encoded: false }
  const isBase64Encoded = isBinary(headers['content-type'] ?? 'application/json', binaryMediaTypes)
  return { body: body.toString(isBase64Encoded ? 'base64' : 'utf8'), isBase64Encoded }
}

/** Whether the first of the media types in a header is binary. */
function isBinary(header: string, binaryMediaTypes: readonly string[]): boolean {
  const [first = ''] = header.split(/[,;]/, 1)
  return binaryMediaTypes.some((each) => each === '*/*' || each === first.trim().toLowerCase())
}

/** The event of a Lambda authorizer of the type REQUEST: it has no body, and what is missing is empty. */
export function authorizerEvent(
  request: HttpRequest,
  context: Place & { readonly methodArn: string },
): Record<string, unknown> {
  const { headers, query, pathParameters } = partsOf(request, context)
  return {
    type: 'REQUEST',
    methodArn: context.methodArn,
    resource: context.route.resourcePath,
    path: context.path,
    httpMethod: request.method,
    headers: lastOf(headers),
    multiValueHeaders: Object.fromEntries(headers),
    queryStringParameters: lastOf(query),
    multiValueQueryStringParameters: Object.fromEntries(query),
    pathParameters,
    stageVariables: {},
    requestContext: requestContext(request, context, undefined),
  }
}

function partsOf(request: HttpRequest, { route }: Place) {
  const headers = new Map(
    Object.entries(request.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat()] as const],
    ),
  )
  return { headers, query: groupValues(request.query), pathParameters: route.pathParameters }
}

function requestContext(
  request: HttpRequest,
  { accountId, apiId, stage, path, route, time }: Place,
  apiKey: ProxyContext['apiKey'],
) {
  return {
    accountId,
    apiId,
    stage,
    path: `/${stage}${path}`,
    resourcePath: route.resourcePath,
    httpMethod: request.method,
    protocol: 'HTTP/1.1',
    requestId: randomUUID(),
    requestTimeEpoch: time,
    requestTime: new Date(time).toUTCString(),
    domainName: request.headers.host ?? '',
    identity: {
      sourceIp: '127.0.0.1',
      userAgent: request.headers['user-agent'] ?? null,
      apiKey: apiKey?.value ?? null,
      apiKeyId: apiKey?.id ?? null,
    },
  }
}

const headerValue = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const resultSchema = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), headerValue).nullish(),
  multiValueHeaders: z.record(z.string(), z.array(headerValue)).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
})

/**
 * What a function's result says to the client; undefined if it is no result of a proxy integration. Its base64 is decoded
 * only for who accepts a binary media type first.
 */
export function proxyResponse(
  payload: unknown,
  { accept = '' }: HttpRequest['headers'],
  binaryMediaTypes: readonly string[],
): HttpResponse | undefined {
  const parsed = resultSchema.safeParse(payload)
  if (!parsed.success) return undefined
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = parsed.data
  return {
    status: statusCode,
    headers: {
      'content-type': 'application/json',
      ...headers,
      ...Object.fromEntries(
        Object.entries(multiValueHeaders ?? {}).map(([name, values]) => [name, values.join(', ')]),
      ),
    },
    body:
      isBase64Encoded === true && isBinary(accept, binaryMediaTypes)
        ? Buffer.from(body ?? '', 'base64')
        : (body ?? ''),
  }
}
