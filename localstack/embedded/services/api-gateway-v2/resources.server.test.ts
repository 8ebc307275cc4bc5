import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { startRuntime } from '../../index.ts'
import { assemblyOf, temporaryFolder } from '../../testing/helpers.ts'

describe('what a WebSocket API cannot have here', () => {
  const Api = {
    Type: 'AWS::ApiGatewayV2::Api',
    Properties: { ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' },
  }
  const ApiId = { Ref: 'Api' }

  it.each<[string, Record<string, unknown>, RegExp]>([
    [
      'Api',
      { ...Api.Properties, ProtocolType: 'HTTP' },
      /ProtocolType: HTTP is not supported, only WEBSOCKET is/,
    ],
    ['Api', { ...Api.Properties, CorsConfiguration: {} }, /property CorsConfiguration is not supported/],
    [
      'Api',
      { ...Api.Properties, RouteSelectionExpression: '${request.body.a}/${request.body.b}' },
      /RouteSelectionExpression: only one member/,
    ],
    [
      'Route',
      { ApiId, RouteKey: 'x', Target: 'integrations/none' },
      /Target integrations\/none is not an integration/,
    ],
    ['Route', { ApiId, RouteKey: 'x', Target: 'integrations/x', AuthorizationType: 'AWS_IAM' }, /only NONE/],
    ['Integration', { ApiId, IntegrationType: 'MOCK', IntegrationUri: 'x' }, /only AWS_PROXY/],
    [
      'Integration',
      { ApiId, IntegrationType: 'AWS_PROXY', IntegrationUri: 'x' },
      /IntegrationUri x is not a function/,
    ],
    ['Stage', { ApiId, StageName: 'prod' }, /Stage prod has neither AutoDeploy nor a DeploymentId/],
    ['Stage', { ApiId, StageName: 'prod', RouteSettings: {} }, /property RouteSettings is not supported/],
    ['Stage', { ApiId: 'none', StageName: 'prod', AutoDeploy: true }, /ApiId none is not a WebSocket API/],
  ])('is refused by name: %s %j', async (type, Properties, message) => {
    const Resources = { Api, Odd: { Type: `AWS::ApiGatewayV2::${type}`, Properties } }
    const data = join(temporaryFolder(), 'data')
    await expect(startRuntime({ assembly: assemblyOf({ Resources }), data })).rejects.toThrow(message)
  })
})
