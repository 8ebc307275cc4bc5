import * as z from 'zod'
import type { RestApi } from '../api-gateway/rest-api.ts'
import { ResourceError } from '../errors.ts'
import { idOf, integratedFunction } from './api-integration.ts'
import { cfnBoolean, cfnNumber, inert, inertProperties, resourceType } from './resource-type.ts'
import type { ResourceContext } from './resource-type.ts'

const apiOf = (id: string, { services }: ResourceContext): RestApi => {
  const api = services.apiGateway.apis.get(id)
  if (api === undefined) throw new ResourceError(`RestApiId ${id} is no API of this stack.`)
  return api
}

const throttle = z.strictObject({ RateLimit: cfnNumber.optional(), BurstLimit: cfnNumber.optional() })

export const restApi = resourceType({
  properties: z.strictObject({
    MinimumCompressionSize: cfnNumber.optional(),
    ApiKeySourceType: z.literal('HEADER').optional(),
    ...inertProperties('Name', 'Description', 'EndpointConfiguration', 'Tags', 'Policy'),
  }),
  create: ({ MinimumCompressionSize: minimumCompressionSize }, context) => {
    const id = idOf(context)
    const rootId = idOf(context, 'root')
    context.services.apiGateway.apis.set(id, {
      id,
      rootId,
      minimumCompressionSize,
      resources: new Map([[rootId, { parentId: undefined, pathPart: '' }]]),
      methods: [],
      responses: new Map(),
      stages: new Map(),
    })
    return { ref: id, attributes: { RestApiId: id, RootResourceId: rootId } }
  },
})

export const apiResource = resourceType({
  properties: z.strictObject({ RestApiId: z.string(), ParentId: z.string(), PathPart: z.string() }),
  create: ({ RestApiId, ParentId: parentId, PathPart: pathPart }, context) => {
    const id = idOf(context)
    apiOf(RestApiId, context).resources.set(id, { parentId, pathPart })
    return { ref: id, attributes: { ResourceId: id } }
  },
})

export const apiMethod = resourceType({
  properties: z.strictObject({
    RestApiId: z.string(),
    ResourceId: z.string(),
    HttpMethod: z.string(),
    ApiKeyRequired: cfnBoolean.default(false),
    AuthorizationType: z.literal('NONE', 'only NONE is supported, with or without an API key'),
    Integration: z.strictObject({
      Type: z.literal('AWS_PROXY', 'only AWS_PROXY of a Lambda function is supported'),
      Uri: z.string(),
      ...inertProperties('IntegrationHttpMethod', 'TimeoutInMillis'),
    }),
    ...inertProperties('OperationName', 'MethodResponses'),
  }),
  create: (properties, context) => {
    const functionName = integratedFunction('Integration.Uri', properties.Integration.Uri, context)
    apiOf(properties.RestApiId, context).methods.push({
      resourceId: properties.ResourceId,
      httpMethod: properties.HttpMethod,
      apiKeyRequired: properties.ApiKeyRequired,
      functionName,
    })
    return { ref: idOf(context), attributes: {} }
  },
})

/** What is deployed is what the template says: there is no older deployment to go back to. */
export const apiDeployment = resourceType({
  properties: z.strictObject({ RestApiId: z.string(), Description: inert }),
  create: (_properties, context) => ({ ref: idOf(context), attributes: { DeploymentId: idOf(context) } }),
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
          ...inertProperties('DataTraceEnabled', 'LoggingLevel', 'MetricsEnabled'),
        }),
      )
      .default([]),
    ...inertProperties('DeploymentId', 'Description', 'AccessLogSetting', 'Tags', 'TracingEnabled'),
  }),
  create: ({ RestApiId, StageName, MethodSettings: [settings] }, context) => {
    const limits = { rate: settings?.ThrottlingRateLimit, burst: settings?.ThrottlingBurstLimit }
    context.services.apiGateway.addStage(apiOf(RestApiId, context), StageName, limits)
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
  create: (properties, context) => {
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
    Value: z.string().min(20).optional(),
    ...inertProperties('Name', 'Description', 'CustomerId', 'GenerateDistinctId', 'StageKeys', 'Tags'),
  }),
  create: ({ Enabled: enabled, Value: value }, context) => {
    const id = idOf(context)
    context.services.apiGateway.keys.ensure(id, { value, enabled })
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
    Quota: z
      .strictObject({ Limit: cfnNumber, Period: z.literal('DAY', 'only DAY is supported'), Offset: inert })
      .optional(),
    ...inertProperties('UsagePlanName', 'Description', 'Tags'),
  }),
  create: ({ ApiStages, Throttle: limits, Quota: quota }, context) => {
    const id = idOf(context)
    context.services.apiGateway.keys.addPlan(id, {
      throttle: { rate: limits?.RateLimit, burst: limits?.BurstLimit },
      dailyQuota: quota?.Limit,
      stages: ApiStages.map(({ ApiId: apiId, Stage: stage }) => ({ apiId, stage })),
    })
    return { ref: id, attributes: { Id: id } }
  },
})

export const usagePlanKey = resourceType({
  properties: z.strictObject({ KeyId: z.string(), KeyType: z.literal('API_KEY'), UsagePlanId: z.string() }),
  create: ({ KeyId, UsagePlanId }, context) => {
    context.services.apiGateway.keys.addToPlan(UsagePlanId, KeyId)
    return { ref: `${KeyId}:${UsagePlanId}`, attributes: { Id: `${KeyId}:${UsagePlanId}` } }
  },
})
