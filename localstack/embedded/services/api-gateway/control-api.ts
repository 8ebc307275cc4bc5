import * as z from 'zod'
import { ServiceError } from '../../http/json-service.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../../http/message.ts'
import type { EndpointAccess } from '../../service.ts'
import { apiGatewayPath } from './api-gateway.ts'
import type { ApiGateway } from './api-gateway.ts'
import { keyValue } from './api-keys.ts'
import type { StoredKey, UsagePlan } from './api-keys.ts'
import type { RestApi } from './rest-api.ts'

type Answer = { readonly status: number; readonly value?: unknown }
type Call = { readonly request: HttpRequest; readonly ids: readonly string[] }
type Route = readonly [method: string, path: RegExp, operation: string, run: (call: Call) => Answer]

/**
 * API Gateway's own HTTP API, as far as keys go: GetRestApis, GetRestApi, GetApiKeys, GetApiKey, CreateApiKey, UpdateApiKey,
 * DeleteApiKey, GetUsagePlans, GetUsagePlanKeys, CreateUsagePlanKey, DeleteUsagePlanKey. Lists come whole, on one page.
 */
export function controlApi(gateway: ApiGateway): HttpHandler {
  const routes = [...apiRoutes(gateway), ...keyRoutes(gateway), ...planRoutes(gateway)]
  return (request) => {
    try {
      for (const [method, path, , run] of routes) {
        const match = request.method === method ? path.exec(request.path) : null
        if (match !== null) return reply(run({ request, ids: match.slice(1).map(decodeURIComponent) }))
      }
      const known = routes.map(([, , operation]) => operation).join(', ')
      throw new ServiceError('UnknownOperationException', `Supported here: ${known}.`, { status: 404 })
    } catch (error) {
      if (error instanceof ServiceError) return failed(error)
      throw error
    }
  }
}

/** What a request needs by IAM, which names it by method and path; requests to the APIs themselves need nothing. */
export function controlAccessOf(region: string): EndpointAccess['needed'] {
  return ({ method, path }) =>
    path.startsWith(apiGatewayPath)
      ? []
      : [{ action: `apigateway:${method}`, resource: `arn:aws:apigateway:${region}::${path}` }]
}

export function controlDenial(message: string): HttpResponse {
  return failed(new ServiceError('AccessDeniedException', message, { status: 403 }))
}

function apiRoutes({ apis }: ApiGateway): readonly Route[] {
  return [
    ['GET', /^\/restapis\/?$/, 'GetRestApis', () => ok({ item: [...apis.values()].map(apiOf) })],
    [
      'GET',
      /^\/restapis\/([^/]+)$/,
      'GetRestApi',
      ({ ids: [id = ''] }) => ok(apiOf(found(apis, id, 'REST API'))),
    ],
  ]
}

function keyRoutes({ keys }: ApiGateway): readonly Route[] {
  const key = (id: string): StoredKey => found(keys.all(), id, 'API Key')
  return [
    [
      'GET',
      /^\/apikeys\/?$/,
      'GetApiKeys',
      ({ request: { query } }) => {
        const named = [...keys.all()].filter(([, { name }]) => name.startsWith(query.get('name') ?? ''))
        return ok({ item: named.map(([id, each]) => keyOf(id, each, query.get('includeValues') === 'true')) })
      },
    ],
    [
      'GET',
      /^\/apikeys\/([^/]+)$/,
      'GetApiKey',
      ({ request: { query }, ids: [id = ''] }) =>
        ok(keyOf(id, key(id), query.get('includeValue') === 'true')),
    ],
    [
      'POST',
      /^\/apikeys\/?$/,
      'CreateApiKey',
      ({ request }) => {
        const { name, value, enabled } = bodyOf(request, createSchema)
        const id = keys.create({ name, value, enabled })
        return { status: 201, value: keyOf(id, key(id), true) }
      },
    ],
    [
      'PATCH',
      /^\/apikeys\/([^/]+)$/,
      'UpdateApiKey',
      ({ request, ids: [id = ''] }) => {
        key(id)
        for (const { path, value } of bodyOf(request, patchSchema).patchOperations)
          keys.change(id, path === '/name' ? { name: value } : { enabled: value === 'true' })
        return ok(keyOf(id, key(id), false))
      },
    ],
    [
      'DELETE',
      /^\/apikeys\/([^/]+)$/,
      'DeleteApiKey',
      ({ ids: [id = ''] }) => {
        key(id)
        keys.remove(id)
        return { status: 202 }
      },
    ],
  ]
}

function planRoutes({ keys }: ApiGateway): readonly Route[] {
  const changeable = (planId: string, keyId: string): StoredKey => {
    found(keys.plans, planId, 'Usage Plan')
    const key = found(keys.all(), keyId, 'API Key')
    if (key.declared === undefined) return key
    const message = `The key ${keyId} is of the template: here only the template can change its usage plans.`
    throw new ServiceError('NotImplementedException', message, { status: 501 })
  }
  return [
    ['GET', /^\/usageplans\/?$/, 'GetUsagePlans', () => ok({ item: [...keys.plans].map(planOf) })],
    [
      'GET',
      /^\/usageplans\/([^/]+)\/keys\/?$/,
      'GetUsagePlanKeys',
      ({ ids: [planId = ''] }) => {
        found(keys.plans, planId, 'Usage Plan')
        const all = keys.all()
        return ok({
          item: keys.inPlan(planId).map((id) => ({ id, type: 'API_KEY', name: all.get(id)?.name })),
        })
      },
    ],
    [
      'POST',
      /^\/usageplans\/([^/]+)\/keys\/?$/,
      'CreateUsagePlanKey',
      ({ request, ids: [planId = ''] }) => {
        const { keyId } = bodyOf(request, planKeySchema)
        const { name } = changeable(planId, keyId)
        keys.addToPlan(planId, keyId)
        return { status: 201, value: { id: keyId, type: 'API_KEY', name } }
      },
    ],
    [
      'DELETE',
      /^\/usageplans\/([^/]+)\/keys\/([^/]+)$/,
      'DeleteUsagePlanKey',
      ({ ids: [planId = '', keyId = ''] }) => {
        changeable(planId, keyId)
        keys.removeFromPlan(planId, keyId)
        return { status: 202 }
      },
    ],
  ]
}

const createSchema = z.strictObject({
  name: z.string().default(''),
  value: keyValue.optional(),
  enabled: z.boolean().default(false),
  description: z.string().optional(),
})
const planKeySchema = z.strictObject({ keyId: z.string(), keyType: z.literal('API_KEY') })
const patchSchema = z.strictObject({
  patchOperations: z.array(
    z.strictObject({ op: z.literal('replace'), path: z.enum(['/enabled', '/name']), value: z.string() }),
  ),
})

function bodyOf<Schema extends z.ZodType>({ body }: HttpRequest, schema: Schema): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(body.toString() || '{}'))
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : 'The body is not JSON.'
    throw new ServiceError('BadRequestException', reason)
  }
}

function found<Value>(values: ReadonlyMap<string, Value>, id: string, what: string): Value {
  const value = values.get(id)
  if (value !== undefined) return value
  throw new ServiceError('NotFoundException', `Invalid ${what} identifier specified: ${id}`, { status: 404 })
}

function apiOf({ id, name, keySource }: RestApi) {
  return { id, name, apiKeySource: keySource }
}

function keyOf(id: string, { name, value, enabled, createdAt }: StoredKey, withValue: boolean) {
  return {
    id,
    name,
    enabled,
    createdDate: Math.floor(createdAt / 1000),
    stageKeys: [],
    ...(withValue && { value }),
  }
}

function planOf([id, { name, throttle, dailyQuota, stages }]: readonly [string, UsagePlan]) {
  return {
    id,
    name,
    apiStages: stages,
    throttle: { rateLimit: throttle.rate, burstLimit: throttle.burst },
    ...(dailyQuota !== undefined && { quota: { limit: dailyQuota, offset: 0, period: 'DAY' } }),
  }
}

function ok(value: unknown): Answer {
  return { status: 200, value }
}

function reply({ status, value }: Answer): HttpResponse {
  if (value === undefined) return { status }
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }
}

function failed({ status, type, message }: ServiceError): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': type },
    body: JSON.stringify({ message }),
  }
}
