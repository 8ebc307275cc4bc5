import * as z from 'zod'
import type { RestApi } from './rest-api.ts'
import { ResourceError } from '../../errors.ts'
import { authorizerOf, identitySource, idOf, integratedFunction } from './integration.ts'
import {
  because,
  cfnBoolean,
  cfnNumber,
  inert,
  inertProperties,
  resourceType,
} from '../../template/resource-type.ts'
import type { ResourceContext } from '../../template/resource-type.ts'
import type { FunctionHost } from '../lambda/function-host.ts'
import { keyValue } from './api-keys.ts'
import type { ApiGateway } from './api-gateway.ts'

/** What REST APIs are created with. */
export type RestApiResources = { readonly gateway: ApiGateway; readonly functions: FunctionHost }

type Context = ResourceContext<RestApiResources>

function apiOf(id: string, { api: { gateway } }: Context): RestApi {
  const api = gateway.apis.get(id)
  if (api === undefined) throw new ResourceError(`RestApiId ${id} is not a REST API of this stack.`)
  return api
}

/** API Gateway's, in milliseconds. */
const defaultTimeoutMs = 29_000

const throttle = z.strictObject({ RateLimit: cfnNumber.optional(), BurstLimit: cfnNumber.optional() })

export const restApi = resourceType({
  properties: z.strictObject({
    MinimumCompressionSize: cfnNumber.optional(),
    BinaryMediaTypes: z.array(z.string()).default([]),
    ApiKeySourceType: z.enum(['HEADER', 'AUTHORIZER']).default('HEADER'),
    Name: z.string().default(''),
    ...inertProperties(because.naming, 'Description', 'Tags'),
    EndpointConfiguration: inert('there is one endpoint, on loopback'),
    Policy: inert(because.access),
  }),
  create: (
    {
      MinimumCompressionSize: minimumCompressionSize,
      BinaryMediaTypes: binaryMediaTypes,
      ApiKeySourceType: keySource,
      Name: name,
    },
    context: Context,
  ) => {
    const id = idOf(context)
    const rootId = idOf(context, 'root')
    context.api.gateway.apis.set(id, {
      id,
      name,
      rootId,
      keySource,
      minimumCompressionSize,
      binaryMediaTypes,
      resources: new Map([[rootId, { parentId: undefined, pathPart: '' }]]),
      methods: [],
      authorizers: new Map(),
      responses: new Map(),
      stages: new Map(),
    })
    return { ref: id, attributes: { RestApiId: id, RootResourceId: rootId } }
  },
})

export const apiResource = resourceType({
  properties: z.strictObject({ RestApiId: z.string(), ParentId: z.string(), PathPart: z.string() }),
  create: ({ RestApiId, ParentId: parentId, PathPart: pathPart }, context: Context) => {
    const id = idOf(context)
    apiOf(RestApiId, context).resources.set(id, { parentId, pathPart })
    return { ref: id, attributes: { ResourceId: id } }
  },
})

/** API Gateway's, in seconds. */
const longestTtl = 3600

export const apiAuthorizer = resourceType({
  properties: z.strictObject({
    RestApiId: z.string(),
    Type: z.literal('REQUEST', 'only REQUEST is supported'),
    AuthorizerUri: z.string(),
    IdentitySource: z.string().default(''),
    AuthorizerResultTtlInSeconds: cfnNumber.pipe(z.number().int().min(0).max(longestTtl)).default(300),
    ...inertProperties(because.naming, 'Name', 'AuthType'),
    AuthorizerCredentials: inert(because.access),
  }),
  create: (properties, context: Context) => {
    const id = idOf(context)
    const sources = properties.IdentitySource.split(',').flatMap((text) => text.trim() || [])
    const ttl = properties.AuthorizerResultTtlInSeconds
    if (ttl > 0 && sources.length === 0)
      throw new ResourceError(
        `AuthorizerResultTtlInSeconds ${ttl} keeps answers by an IdentitySource: name one, or set it to 0.`,
      )
    apiOf(properties.RestApiId, context).authorizers.set(id, {
      id,
      functionName: integratedFunction('AuthorizerUri', properties.AuthorizerUri, context.api.functions),
      identitySources: sources.map((text) => identitySource('method', text)),
      ttlMs: ttl * 1000,
    })
    return { ref: id, attributes: { AuthorizerId: id } }
  },
})

export const apiMethod = resourceType({
  properties: z.strictObject({
    RestApiId: z.string(),
    ResourceId: z.string(),
    HttpMethod: z.string(),
    ApiKeyRequired: cfnBoolean.default(false),
    AuthorizationType: z.enum(['NONE', 'CUSTOM'], 'only NONE and CUSTOM (a Lambda authorizer) are supported'),
    AuthorizerId: z.string().optional(),
    Integration: z.strictObject({
      Type: z.literal('AWS_PROXY', 'only AWS_PROXY of a Lambda function is supported'),
      Uri: z.string(),
      TimeoutInMillis: cfnNumber.default(defaultTimeoutMs),
      IntegrationHttpMethod: inert('functions are invoked directly'),
    }),
    OperationName: inert(because.naming),
    MethodResponses: inert('with AWS_PROXY the function returns the response'),
  }),
  create: (properties, context: Context) => {
    const functionName = integratedFunction(
      'Integration.Uri',
      properties.Integration.Uri,
      context.api.functions,
    )
    const api = apiOf(properties.RestApiId, context)
    api.methods.push({
      authorizer: authorizerOf(api.authorizers, properties),
      resourceId: properties.ResourceId,
      httpMethod: properties.HttpMethod,
      apiKeyRequired: properties.ApiKeyRequired,
      functionName,
      timeoutMs: properties.Integration.TimeoutInMillis,
    })
    return { ref: idOf(context), attributes: {} }
  },
})

/** What is deployed is what the template says: there is no older deployment to go back to. */
export const apiDeployment = resourceType({
  properties: z.strictObject({ RestApiId: z.string(), Description: inert(because.naming) }),
  create: (_properties, context: Context) => ({
    ref: idOf(context),
    attributes: { DeploymentId: idOf(context) },
  }),
})

export const apiStage = resourceType({
  properties: z.strictObject({
    RestApiId: z.string(),
    StageName: z.string(),
    MethodSettings: z
      .array(
        z.strictObject({
          HttpMethod: z.literal('*', 'only settings for all methods are supported'),
          ResourcePath: z.literal('/*', 'only settings for all resources are supported'),
          ThrottlingRateLimit: cfnNumber.optional(),
          ThrottlingBurstLimit: cfnNumber.optional(),
          ...inertProperties(because.watching, 'DataTraceEnabled', 'LoggingLevel', 'MetricsEnabled'),
        }),
      )
      .default([]),
    DeploymentId: inert('there is one deployment, the current template'),
    ...inertProperties(because.naming, 'Description', 'Tags'),
    ...inertProperties(because.watching, 'AccessLogSetting', 'TracingEnabled'),
  }),
  create: ({ RestApiId, StageName, MethodSettings: [settings] }, context: Context) => {
    const limits = { rate: settings?.ThrottlingRateLimit, burst: settings?.ThrottlingBurstLimit }
    context.api.gateway.addStage(apiOf(RestApiId, context), StageName, limits)
    return { ref: StageName, attributes: {} }
  },
})

export const apiGatewayResponse = resourceType({
  properties: z.strictObject({
    RestApiId: z.string(),
    ResponseType: z.string(),
    StatusCode: cfnNumber.optional(),
    ResponseParameters: z.record(z.string(), z.string()).default({}),
    ResponseTemplates: z.record(z.string(), z.string()).default({}),
  }),
  create: (properties, context: Context) => {
    const headers = Object.entries(properties.ResponseParameters).map(([parameter, value]) => {
      const name = /^gatewayresponse\.header\.(?<name>.+)$/.exec(parameter)?.groups?.['name']
      const text = /^'(?<text>.*)'$/.exec(value)?.groups?.['text']
      if (name === undefined || text === undefined)
        throw new ResourceError(
          `ResponseParameters ${parameter}: only headers with a fixed text are supported.`,
        )
      return [name.toLowerCase(), text]
    })
    apiOf(properties.RestApiId, context).responses.set(properties.ResponseType, {
      statusCode: properties.StatusCode,
      headers: Object.fromEntries(headers),
      body: properties.ResponseTemplates['application/json'],
    })
    return { ref: idOf(context), attributes: { Id: idOf(context) } }
  },
})

export const apiKey = resourceType({
  properties: z.strictObject({
    Enabled: cfnBoolean.default(false),
    Value: keyValue.optional(),
    Name: z.string().optional(),
    ...inertProperties(because.naming, 'Description', 'CustomerId', 'GenerateDistinctId', 'Tags'),
  }),
  create: ({ Enabled: enabled, Value: value, Name: name }, context: Context) => {
    const id = idOf(context)
    context.api.gateway.keys.ensure(id, {
      value,
      enabled,
      name: name ?? `${context.stackName}-${context.logicalId}`,
    })
    return { ref: id, attributes: { APIKeyId: id } }
  },
})

export const usagePlan = resourceType({
  properties: z.strictObject({
    ApiStages: z
      .array(
        z.strictObject({
          ApiId: z.string(),
          Stage: z.string(),
          Throttle: z.strictObject({}, 'throttling of single methods is not supported').optional(),
        }),
      )
      .default([]),
    Throttle: throttle.optional(),
    Quota: z.strictObject({ Limit: cfnNumber, Period: z.literal('DAY', 'only DAY is supported') }).optional(),
    UsagePlanName: z.string().optional(),
    ...inertProperties(because.naming, 'Description', 'Tags'),
  }),
  create: ({ UsagePlanName, ApiStages, Throttle: limits, Quota: quota }, context: Context) => {
    const id = idOf(context)
    context.api.gateway.keys.addPlan(id, {
      name: UsagePlanName ?? `${context.stackName}-${context.logicalId}`,
      throttle: { rate: limits?.RateLimit, burst: limits?.BurstLimit },
      dailyQuota: quota?.Limit,
      stages: ApiStages.map(({ ApiId: apiId, Stage: stage }) => ({ apiId, stage })),
    })
    return { ref: id, attributes: { Id: id } }
  },
})

export const usagePlanKey = resourceType({
  properties: z.strictObject({ KeyId: z.string(), KeyType: z.literal('API_KEY'), UsagePlanId: z.string() }),
  create: ({ KeyId, UsagePlanId }, context: Context) => {
    context.api.gateway.keys.addToPlan(UsagePlanId, KeyId)
    return { ref: `${KeyId}:${UsagePlanId}`, attributes: { Id: `${KeyId}:${UsagePlanId}` } }
  },
})
