import type { IncomingMessage } from 'node:http'
import { defineService } from '../../service.ts'
import { apiGatewayPath } from '../api-gateway/api-gateway.ts'
import { apiGateway } from '../api-gateway/index.ts'
import { localUrls } from '../api-gateway/local-urls.ts'
import { lambda } from '../lambda/index.ts'
import { arnOf } from '../../template/resource-type.ts'
import { connectionAccessOf } from './access.ts'
import {
  webSocketApi,
  webSocketAuthorizer,
  webSocketDeployment,
  webSocketIntegration,
  webSocketRoute,
  webSocketRouteResponse,
  webSocketStage,
} from './resources.ts'
import type { WebSocketResources } from './resources.ts'
import { limits } from './limits.ts'
import { managementDenial, managementRefusal } from './management-api.ts'
import { openWebSocketApis } from './web-socket-apis.ts'

/** WebSocket APIs of API Gateway. They use its API keys, and take the paths of their own ids from it. */
export const apiGatewayV2 = defineService<WebSocketResources>({
  name: 'apigatewayv2',
  resourceTypes: {
    'AWS::ApiGatewayV2::Api': webSocketApi,
    'AWS::ApiGatewayV2::Authorizer': webSocketAuthorizer,
    'AWS::ApiGatewayV2::Deployment': webSocketDeployment,
    'AWS::ApiGatewayV2::Integration': webSocketIntegration,
    'AWS::ApiGatewayV2::Route': webSocketRoute,
    'AWS::ApiGatewayV2::RouteResponse': webSocketRouteResponse,
    'AWS::ApiGatewayV2::Stage': webSocketStage,
  },
  open: (context) => {
    const { functions } = lambda.of(context)
    const { keys } = apiGateway.of(context).gateway
    const apis = openWebSocketApis({
      invoke: functions.invoke,
      clock: context.clock,
      keys,
      account: { region: context.region, accountId: context.accountId },
    })
    const { stages } = apis
    return {
      api: { stages, functions },
      endpoint: {
        handle: apis.handle,
        maxBodyBytes: limits.messageBytes,
        refuse: managementRefusal,
        access: {
          needed: (request) => connectionAccessOf(request, stages, arnOf(context, 'execute-api', '')),
          deny: managementDenial,
        },
        afterStart: true,
        takesPath: (path) => path.startsWith(apiGatewayPath) && stages.serves(path),
        // Pages are clients; only backends post to connections.
        isForPages: (path) => stages.find(path)?.path === '/',
        upgrade: { wants: isWebSocket, take: apis.upgrade },
      },
      localUrls: (text, endpoint) => localUrls(text, { endpoint, isLocal: (id) => stages.apis.has(id) }),
      stop: apis.stop,
    }
  },
})

/** All other requests to upgrade are answered as if they asked for nothing. */
function isWebSocket({ url, headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket' && url?.startsWith(apiGatewayPath) === true
}
