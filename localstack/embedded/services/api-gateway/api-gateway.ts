import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Refusal } from '../../http/answer.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../../http/message.ts'
import { problem } from '../../http/problem.ts'
import type { FunctionHost } from '../lambda/function-host.ts'
import { refusedInvocation } from '../lambda/invocation.ts'
import type { InvocationResult } from '../lambda/invocation.ts'
import { openApiKeys } from './api-keys.ts'
import type { ApiKeys } from './api-keys.ts'
import { createAuthorizers } from './authorizer.ts'
import type { Authorizers, AuthorizerVerdict } from './authorizer.ts'
import { authorizerResponses, gatewayResponse, keyResponses } from './gateway-responses.ts'
import { authorizerEvent, proxyEvent, proxyResponse } from './proxy-event.ts'
import { matchRoute } from './rest-api.ts'
import type { MatchedRoute, RestApi, Throttle } from './rest-api.ts'
import { createTokenBucket } from './throttle.ts'
import type { TokenBucket } from './throttle.ts'
import { within } from './within.ts'

/** Where the APIs are served, as LocalStack does: `/_aws/execute-api/<id>/<stage>/<path>`. */
export const apiGatewayPath = '/_aws/execute-api/'

/** REST APIs with Lambda proxy integrations. */
export type ApiGateway = {
  readonly apis: Map<string, RestApi>
  readonly keys: ApiKeys
  readonly addStage: (api: RestApi, stage: string, throttle: Throttle) => void
  readonly handle: HttpHandler
  readonly refuse: (refusal: Refusal) => HttpResponse
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html */
export const restPayloadBytes = 10 * 1024 * 1024

export type ApiGatewayOptions = {
  readonly invoke: FunctionHost['invoke']
  /** Unix milliseconds. */
  readonly now: () => number
  readonly accountId: string
  readonly region: string
}

/** @param file where the values of API keys are kept */
export function openApiGateway(file: string, options: ApiGatewayOptions): ApiGateway {
  const apis = new Map<string, RestApi>()
  const buckets = new Map<string, TokenBucket>()
  const keys = openApiKeys(file, options.now)
  const authorizers = createAuthorizers(options)
  return {
    apis,
    keys,
    addStage: (api, stage, throttle) => {
      api.stages.set(stage, throttle)
      buckets.set(`${api.id}/${stage}`, createTokenBucket(throttle, options.now))
    },
    refuse: (refusal) => refusalOf(apis, refusal),
    handle: async (request) => {
      const [apiId = '', stage = '', ...segments] = request.path.slice(apiGatewayPath.length).split('/')
      const api = apis.get(apiId)
      const bucket = buckets.get(`${apiId}/${stage}`)
      if (api === undefined || bucket === undefined) return noSuchApi
      const path = `/${segments.join('/')}`
      const response = await answer(request, { ...options, api, stage, path, keys, authorizers, bucket })
      return compressed(request, response, api.minimumCompressionSize)
    },
  }
}

/** How an API refuses what its functions do not see. */
function refusalOf(apis: ReadonlyMap<string, RestApi>, { status, message, path }: Refusal): HttpResponse {
  const api = apis.get(path.slice(apiGatewayPath.length).split('/')[0] ?? '')
  if (api === undefined) return noSuchApi
  if (status === 408) return problem(status, message)
  return gatewayResponse(api, status === 413 ? 'REQUEST_TOO_LARGE' : 'BAD_REQUEST_PARAMETERS')
}

const noSuchApi: HttpResponse = {
  status: 403,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'ForbiddenException' },
  body: '{"message":"Forbidden"}',
}

type Call = ApiGatewayOptions & {
  readonly api: RestApi
  readonly stage: string
  readonly path: string
  readonly keys: ApiKeys
  readonly authorizers: Authorizers
  readonly bucket: TokenBucket
}

async function answer(request: HttpRequest, call: Call): Promise<HttpResponse> {
  const { api, stage, path, keys } = call
  const route = matchRoute(api, request.method, path)
  if (route === undefined) return gatewayResponse(api, 'MISSING_AUTHENTICATION_TOKEN')
  const authorized = await authorize(request, route, call)
  if (authorized !== undefined && authorized.type !== 'allowed')
    return gatewayResponse(api, authorizerResponses[authorized.type])
  const authorization = authorized?.authorization
  const given = request.headers['x-api-key']
  const inHeader = typeof given === 'string' ? given : undefined
  const value = api.keySource === 'HEADER' ? inHeader : authorization?.usageIdentifierKey
  const verdict = route.method.apiKeyRequired ? keys.check(value, api.id, stage) : undefined
  if (verdict !== undefined && verdict.type !== 'allowed')
    return gatewayResponse(api, keyResponses[verdict.type])
  if (!call.bucket.take()) return gatewayResponse(api, 'THROTTLED')
  const apiKey = verdict && value !== undefined ? { id: verdict.keyId, value } : undefined
  const { binaryMediaTypes } = api
  const event = proxyEvent(request, { ...placeOf(call, route), apiKey, authorization, binaryMediaTypes })
  const invocation = call.invoke(route.method.functionName, event, {
    client: apiKey?.id ?? '',
    caller: {
      service: 'apigateway.amazonaws.com',
      sourceArn: methodArnOf(request, { ...call, path: route.resourcePath }),
    },
  })
  const result = await within(route.method.timeoutMs, invocation)
  return result === undefined ? gatewayResponse(api, 'INTEGRATION_TIMEOUT') : responseOf(request, api, result)
}

function placeOf({ accountId, api, stage, path, now }: Call, route: MatchedRoute) {
  return { accountId, apiId: api.id, stage, path, route, time: now() }
}

/** What the method's authorizer says; undefined where it has none. */
async function authorize(
  request: HttpRequest,
  route: MatchedRoute,
  call: Call,
): Promise<AuthorizerVerdict | undefined> {
  const { api, stage, accountId, region, authorizers } = call
  const { authorizer } = route.method
  if (authorizer === undefined) return undefined
  const arn = methodArnOf(request, call)
  return await authorizers.authorize(authorizer, {
    stage: `${api.id}/${stage}`,
    methodArn: arn,
    authorizersArn: `arn:aws:execute-api:${region}:${accountId}:${api.id}/authorizers/`,
    request,
    event: () => authorizerEvent(request, { ...placeOf(call, route), methodArn: arn }),
  })
}

function methodArnOf(
  { method }: HttpRequest,
  { region, accountId, api, stage, path }: Pick<Call, 'region' | 'accountId' | 'api' | 'stage' | 'path'>,
): string {
  return `arn:aws:execute-api:${region}:${accountId}:${api.id}/${stage}/${method}${path}`
}

function responseOf({ headers }: HttpRequest, api: RestApi, result: InvocationResult): HttpResponse {
  if (result.type === 'success')
    return proxyResponse(result.payload, headers, api.binaryMediaTypes) ?? gatewayResponse(api, 'DEFAULT_5XX')
  const { errorType } = result.error
  if (errorType === 'TooManyRequestsException' || errorType === refusedInvocation)
    return gatewayResponse(api, 'API_CONFIGURATION_ERROR')
  if (errorType === 'RequestEntityTooLargeException') return gatewayResponse(api, 'REQUEST_TOO_LARGE')
  return gatewayResponse(api, errorType === 'Sandbox.Timedout' ? 'INTEGRATION_TIMEOUT' : 'DEFAULT_5XX')
}

async function compressed(
  { headers }: HttpRequest,
  response: HttpResponse,
  minimumSize: number | undefined,
): Promise<HttpResponse> {
  const body = Buffer.from(response.body ?? '')
  const accepts = acceptsGzip(headers['accept-encoding'] ?? '')
  const encoded = Object.keys(response.headers ?? {}).some((name) => /^content-encoding$/i.test(name))
  if (minimumSize === undefined || body.length < minimumSize || !accepts || encoded) return response
  return {
    ...response,
    headers: { ...response.headers, 'content-encoding': 'gzip' },
    body: await promisify(gzip)(body),
  }
}

/** Whether gzip is named, or all are, and not with a quality of 0. */
function acceptsGzip(header: string): boolean {
  const qualities = new Map(
    header.split(',').map((each) => {
      const [name = '', ...parameters] = each.split(';').map((part) => part.trim().toLowerCase())
      return [name, Number(parameters.find((part) => part.startsWith('q='))?.slice(2) ?? 1)]
    }),
  )
  return (qualities.get('gzip') ?? qualities.get('*') ?? 0) > 0
}
