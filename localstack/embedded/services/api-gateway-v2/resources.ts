import * as z from 'zod'
import { ResourceError } from '../../errors.ts'
import { limits } from './limits.ts'
import type { WebSocketApi } from './web-socket-api.ts'
import { authorizerOf, identitySource, idOf, integratedFunction } from '../api-gateway/integration.ts'
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
import type { Stages } from './stages.ts'

/** What WebSocket APIs are created with. */
export type WebSocketResources = { readonly stages: Stages; readonly functions: FunctionHost }

type Context = ResourceContext<WebSocketResources>

function apiOf(id: string, { api: { stages } }: Context): WebSocketApi {
  const api = stages.apis.get(id)
  if (api === undefined) throw new ResourceError(`ApiId ${id} is not a WebSocket API of this stack.`)
  return api
}

const selectionExpression = z
  .string()
  .regex(
    /^(\$request\.body(\.\w+)+|\$\{request\.body(\.\w+)+\})$/,
    'only one member of the message is supported, such as $request.body.action',
  )

export const webSocketApi = resourceType({
  properties: z.strictObject({
    ProtocolType: z.literal('WEBSOCKET', {
      error: ({ input }) =>
        `${String(input)} is not supported, only WEBSOCKET is; of the others, REST APIs (AWS::ApiGateway::RestApi) are`,
    }),
    RouteSelectionExpression: selectionExpression,
    ApiKeySelectionExpression: z
      .enum(
        ['$request.header.x-api-key', '$context.authorizer.usageIdentifierKey'],
        'only $request.header.x-api-key and $context.authorizer.usageIdentifierKey are supported',
      )
      .default('$request.header.x-api-key'),
    ...inertProperties(because.naming, 'Name', 'Description', 'Tags', 'Version'),
    DisableSchemaValidation: inert('messages have no schema: models are not supported'),
    IpAddressType: inert('there is one endpoint, on loopback'),
  }),
  create: ({ RouteSelectionExpression: expression, ApiKeySelectionExpression: key }, context: Context) => {
    const id = idOf(context)
    context.api.stages.apis.set(id, {
      id,
      selectionPath: expression.replaceAll(/[${}]/g, '').split('.').slice(2),
      keySource: key === '$request.header.x-api-key' ? 'HEADER' : 'AUTHORIZER',
      authorizers: new Map(),
      integrations: new Map(),
      routes: new Map(),
      routeResponses: new Set(),
    })
    const ApiEndpoint = `wss://${id}.execute-api.${context.region}.amazonaws.com`
    return { ref: id, attributes: { ApiId: id, ApiEndpoint } }
  },
})

export const webSocketIntegration = resourceType({
  properties: z.strictObject({
    ApiId: z.string(),
    IntegrationType: z.literal('AWS_PROXY', 'only AWS_PROXY of a Lambda function is supported'),
    IntegrationUri: z.string(),
    TimeoutInMillis: cfnNumber.default(limits.integrationMs),
    CredentialsArn: inert(because.access),
    Description: inert(because.naming),
    IntegrationMethod: inert('functions are invoked directly'),
    PayloadFormatVersion: inert('WebSocket APIs support 1.0 only'),
  }),
  create: ({ ApiId, IntegrationUri, TimeoutInMillis: timeoutMs }, context: Context) => {
    const id = idOf(context)
    const functionName = integratedFunction('IntegrationUri', IntegrationUri, context.api.functions)
    apiOf(ApiId, context).integrations.set(id, { functionName, timeoutMs })
    return { ref: id, attributes: { IntegrationId: id } }
  },
})

/** A WebSocket API keeps no answers of an authorizer: each client is asked for once, as it connects. */
export const webSocketAuthorizer = resourceType({
  properties: z.strictObject({
    ApiId: z.string(),
    AuthorizerType: z.literal('REQUEST', 'only REQUEST is supported'),
    AuthorizerUri: z.string(),
    IdentitySource: z.array(z.string()).default([]),
    Name: inert(because.naming),
    AuthorizerCredentialsArn: inert(because.access),
  }),
  create: ({ ApiId, AuthorizerUri, IdentitySource }, context: Context) => {
    const id = idOf(context)
    apiOf(ApiId, context).authorizers.set(id, {
      id,
      functionName: integratedFunction('AuthorizerUri', AuthorizerUri, context.api.functions),
      identitySources: IdentitySource.map((text) => identitySource('route', text)),
      ttlMs: 0,
    })
    return { ref: id, attributes: { AuthorizerId: id } }
  },
})

export const webSocketRoute = resourceType({
  properties: z.strictObject({
    ApiId: z.string(),
    RouteKey: z.string(),
    Target: z.string().regex(/^integrations\/./, 'expected integrations/ and the id of an integration'),
    AuthorizationType: z
      .enum(['NONE', 'CUSTOM'], 'only NONE and CUSTOM (a Lambda authorizer) are supported')
      .default('NONE'),
    AuthorizerId: z.string().optional(),
    ApiKeyRequired: cfnBoolean.default(false),
    RouteResponseSelectionExpression: z.literal('$default', 'only $default is supported').optional(),
    OperationName: inert(because.naming),
  }),
  create: (properties, context: Context) => {
    const { ApiId, RouteKey: key, Target, ApiKeyRequired: apiKeyRequired } = properties
    const api = apiOf(ApiId, context)
    const integration = api.integrations.get(Target.slice('integrations/'.length))
    if (integration === undefined)
      throw new ResourceError(`Target ${Target} is not an integration of the API.`)
    const authorizer = authorizerOf(api.authorizers, properties)
    if (authorizer !== undefined && key !== '$connect')
      throw new ResourceError(`AuthorizationType of route ${key}: only $connect can have an authorizer.`)
    if (apiKeyRequired && key !== '$connect')
      throw new ResourceError(`ApiKeyRequired of route ${key}: only $connect receives the header of a key.`)
    if ([...api.routes.values()].some((route) => route.key === key))
      throw new ResourceError(`The API has two routes with the RouteKey ${key}.`)
    const id = idOf(context)
    const selectsResponse = properties.RouteResponseSelectionExpression !== undefined
    api.routes.set(id, { key, apiKeyRequired, authorizer, integration, selectsResponse })
    return { ref: id, attributes: { RouteId: id } }
  },
})

export const webSocketRouteResponse = resourceType({
  properties: z.strictObject({
    ApiId: z.string(),
    RouteId: z.string(),
    RouteResponseKey: z.literal('$default', 'only $default is supported'),
  }),
  create: ({ ApiId, RouteId }, context: Context) => {
    apiOf(ApiId, context).routeResponses.add(RouteId)
    return { ref: idOf(context), attributes: { RouteResponseId: idOf(context) } }
  },
})

/** What is deployed is what the template says: there is no older deployment to go back to. */
export const webSocketDeployment = resourceType({
  properties: z.strictObject({
    ApiId: z.string(),
    Description: inert(because.naming),
    StageName: inert('the stage is a resource of its own'),
  }),
  create: (_properties, context: Context) => ({
    ref: idOf(context),
    attributes: { DeploymentId: idOf(context) },
  }),
})

export const webSocketStage = resourceType({
  properties: z.strictObject({
    ApiId: z.string(),
    StageName: z.string(),
    AutoDeploy: cfnBoolean.default(false),
    DeploymentId: z.string().optional(),
    DefaultRouteSettings: z
      .strictObject({
        ThrottlingRateLimit: cfnNumber.optional(),
        ThrottlingBurstLimit: cfnNumber.optional(),
        ...inertProperties(because.watching, 'DataTraceEnabled', 'DetailedMetricsEnabled', 'LoggingLevel'),
      })
      .optional(),
    AccessLogSettings: inert(because.watching),
    ...inertProperties(because.naming, 'Description', 'Tags'),
  }),
  create: (
    { ApiId, StageName, AutoDeploy, DeploymentId, DefaultRouteSettings: settings },
    context: Context,
  ) => {
    if (!AutoDeploy && DeploymentId === undefined)
      throw new ResourceError(
        `Stage ${StageName} has neither AutoDeploy nor a DeploymentId: on AWS it would refuse every client.`,
      )
    const throttle = { rate: settings?.ThrottlingRateLimit, burst: settings?.ThrottlingBurstLimit }
    context.api.stages.add(apiOf(ApiId, context), StageName, throttle)
    return { ref: StageName, attributes: {} }
  },
})
