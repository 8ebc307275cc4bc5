import type { Stack } from 'aws-cdk-lib'
import {
  type ApiKey,
  type IWebSocketRouteAuthorizer,
  UsagePlan,
  WebSocketApi,
  type WebSocketApiKeySelectionExpression,
  WebSocketRoute,
  WebSocketStage,
} from 'aws-cdk-lib/aws-apigatewayv2'
import type { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'

type KeyedApiOptions = {
  readonly integration: WebSocketLambdaIntegration
  readonly key: ApiKey
  readonly authorizer?: IWebSocketRouteAuthorizer
  readonly apiKeySelectionExpression?: WebSocketApiKeySelectionExpression
}

/** An API with a stage `prod` whose routes lead to one function, and that takes only those who connect with the key. */
export function keyedWebSocketApi(
  stack: Stack,
  { integration, key, authorizer, apiKeySelectionExpression }: KeyedApiOptions,
): { readonly api: WebSocketApi; readonly stage: WebSocketStage } {
  const api = new WebSocketApi(stack, 'Keyed', {
    disconnectRouteOptions: { integration },
    defaultRouteOptions: { integration },
    ...(apiKeySelectionExpression && { apiKeySelectionExpression }),
  })
  new WebSocketRoute(stack, 'Connect', {
    webSocketApi: api,
    routeKey: '$connect',
    integration,
    apiKeyRequired: true,
    ...(authorizer && { authorizer }),
  })
  const stage = new WebSocketStage(stack, 'Stage', { webSocketApi: api, stageName: 'prod', autoDeploy: true })
  new UsagePlan(stack, 'Plan', { apiStages: [{ api, stage }] }).addApiKey(key)
  return { api, stage }
}
