import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { templateOf } from '../support/template.ts'

const template = templateOf({ stage: 'prod', apiRate: '7', apiBurst: '9' })
const resources = (type: string): unknown[] => Object.values(template.findResources(type))

const routeSchema = z.object({ Properties: z.object({ RouteKey: z.string(), ApiKeyRequired: z.boolean() }) })
const planSchema = z.object({
  Properties: z.object({ ApiStages: z.array(z.object({ ApiId: z.object({ Ref: z.string() }) })) }),
})
const planKeySchema = z.object({
  Properties: z.object({ KeyId: z.unknown(), UsagePlanId: z.object({ Ref: z.string() }) }),
})

describe('the WebSocket API', () => {
  it('lets nobody connect without a key in the header x-api-key', () => {
    expect(resources('AWS::ApiGatewayV2::Api')).toEqual([
      expect.objectContaining({
        Properties: expect.objectContaining({ ApiKeySelectionExpression: '$request.header.x-api-key' }),
      }),
    ])
    const routes = resources('AWS::ApiGatewayV2::Route').map((each) => routeSchema.parse(each).Properties)
    expect(Object.fromEntries(routes.map((each) => [each.RouteKey, each.ApiKeyRequired]))).toEqual({
      $connect: true,
      $disconnect: false,
      $default: false,
    })
  })

  it('takes the key of the REST API, by a usage plan of its own', () => {
    const plans = Object.entries(template.findResources('AWS::ApiGateway::UsagePlan'))
    const apis = plans.map(([, plan]) =>
      planSchema.parse(plan).Properties.ApiStages.map(({ ApiId }) => ApiId.Ref),
    )
    expect(apis).toEqual([
      [expect.stringMatching(/^ApiRest/)],
      [expect.stringMatching(/^BroadcasterWebSocketApi/)],
    ])
    const keys = resources('AWS::ApiGateway::UsagePlanKey').map(
      (each) => planKeySchema.parse(each).Properties,
    )
    expect(keys.map(({ UsagePlanId }) => UsagePlanId.Ref)).toEqual(plans.map(([id]) => id))
    expect(keys[1]?.KeyId).toEqual(keys[0]?.KeyId)
  })

  it('takes no more messages than the REST API takes requests', () => {
    expect(resources('AWS::ApiGatewayV2::Stage')).toEqual([
      expect.objectContaining({
        Properties: expect.objectContaining({
          StageName: 'prod',
          DefaultRouteSettings: { ThrottlingRateLimit: 70, ThrottlingBurstLimit: 90 },
        }),
      }),
    ])
    expect(resources('AWS::ApiGateway::UsagePlan')[1]).toMatchObject({
      Properties: { Throttle: { RateLimit: 7, BurstLimit: 9 } },
    })
  })

  it('calls the alias that a deployment moves', () => {
    const integrations = resources('AWS::ApiGatewayV2::Integration')
    expect(integrations).toHaveLength(3)
    for (const each of integrations) expect(JSON.stringify(each)).toContain('"Ref":"BroadcasterFunctionLive')
  })

  it('is told in an output', () => {
    expect(template.findOutputs('WebSocketUrl')).toEqual({
      WebSocketUrl: { Value: { 'Fn::Join': ['', expect.arrayContaining(['wss://', '/prod'])] } },
    })
  })

  it('is not there where websocket is off, nor anything that only it needs, and the rest is as it was', () => {
    const without = templateOf({ stage: 'prod', websocket: 'off' })
    expect(JSON.stringify(without.toJSON())).not.toMatch(/broadcast|WebSocket|ApiGatewayV2/i)
    for (const [type, ofIt] of [
      ['AWS::Lambda::Function', 1],
      ['AWS::SSM::Parameter', 1],
      ['AWS::DynamoDB::GlobalTable', 2],
    ] as const)
      expect(Object.keys(template.findResources(type))).toHaveLength(
        Object.keys(without.findResources(type)).length + ofIt,
      )
  })
})
