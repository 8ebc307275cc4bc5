import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { HttpRequest, HttpResponse } from '../../http/message.ts'
import { groupValues, lastOf } from './multi-values.ts'
import type { MatchedRoute } from './rest-api.ts'

export type ProxyContext = {
  readonly accountId: string
  readonly apiId: string
  readonly stage: string
  /** The path behind the stage, still percent-encoded. */
  readonly path: string
  readonly route: MatchedRoute
  readonly apiKey: { readonly id: string; readonly value: string } | undefined
  /** Unix milliseconds. */
  readonly time: number
}

/** The event of a Lambda proxy integration of a REST API (payload 1.0). */
export function proxyEvent(request: HttpRequest, context: ProxyContext): Record<string, unknown> {
  const { stage, path, route, apiKey, time } = context
  const headers = new Map(
    Object.entries(request.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat()] as const],
    ),
  )
  const query = groupValues(request.query)
  return {
    resource: route.resourcePath,
    path,
    httpMethod: request.method,
    headers: lastOf(headers),
    multiValueHeaders: Object.fromEntries(headers),
    queryStringParameters: query.size === 0 ? null : lastOf(query),
    multiValueQueryStringParameters: query.size === 0 ? null : Object.fromEntries(query),
    pathParameters: Object.keys(route.pathParameters).length === 0 ? null : route.pathParameters,
    stageVariables: null,
    requestContext: {
      accountId: context.accountId,
      apiId: context.apiId,
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
    },
    body: request.body.length === 0 ? null : request.body.toString('utf8'),
    isBase64Encoded: false,
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

/** What a function's result says to the client; undefined if it is no result of a proxy integration. */
export function proxyResponse(payload: unknown): HttpResponse | undefined {
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
    body: isBase64Encoded === true ? Buffer.from(body ?? '', 'base64') : (body ?? ''),
  }
}
