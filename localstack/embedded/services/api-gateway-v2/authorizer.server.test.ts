import { join } from 'node:path'

import { CfnOutput, type Stack } from 'aws-cdk-lib'
import {
  ApiKey,
  UsagePlan,
  WebSocketApi,
  WebSocketApiKeySelectionExpression,
  WebSocketRoute,
  WebSocketStage,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { WebSocketLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import * as z from 'zod'

import { type Runtime, startRuntime } from '../../index.ts'
import { eventually, temporaryFolder } from '../../testing/helpers.ts'
import { inlineFunction, synthesize } from '../../testing/synthesize.ts'
import { connect, refusal } from './web-socket-client.ts'

const KEY = 'the-value-of-the-key-in-a-plan'
const AUTHORIZER = `
  export const handler = async (event) => {
    console.log(JSON.stringify(event))
    const who = event.headers.who
    if (who === 'nobody') throw new Error('Unauthorized')
    if (who === 'broken') throw new Error('the secret is 42')
    if (who === 'nonsense') return 'hello'
    const Effect = who === 'denied' ? 'Deny' : 'Allow'
    return {
      principalId: who,
      policyDocument: { Statement: [{ Effect, Action: 'execute-api:Invoke', Resource: event.methodArn }] },
      context: { role: 'viewer', count: 7 },
      usageIdentifierKey: who === 'stranger' ? 'a-value-that-is-no-key-here' : '${KEY}',
    }
  }`
const ECHO = `export const handler = async (event) => { console.log(JSON.stringify(event)); return { statusCode: 200 } }`

function app(stack: Stack): void {
  const integration = new WebSocketLambdaIntegration('Echo', inlineFunction(stack, 'Echo', { source: ECHO }))
  const api = new WebSocketApi(stack, 'Api', {
    apiKeySelectionExpression: WebSocketApiKeySelectionExpression.AUTHORIZER_USAGE_IDENTIFIER_KEY,
    disconnectRouteOptions: { integration },
    defaultRouteOptions: { integration },
  })
  new WebSocketRoute(stack, 'Connect', {
    webSocketApi: api,
    routeKey: '$connect',
    integration,
    apiKeyRequired: true,
    authorizer: new WebSocketLambdaAuthorizer(
      'Judge',
      inlineFunction(stack, 'Judge', { source: AUTHORIZER }),
      {
        identitySource: ['route.request.header.who'],
      },
    ),
  })
  const stage = new WebSocketStage(stack, 'Stage', { webSocketApi: api, stageName: 'prod', autoDeploy: true })
  new UsagePlan(stack, 'Plan', { apiStages: [{ api, stage }] }).addApiKey(
    new ApiKey(stack, 'Key', { value: KEY }),
  )
  new CfnOutput(stack, 'Url', { value: stage.url })
}

const eventSchema = z.looseObject({
  type: z.string().optional(),
  methodArn: z.string().optional(),
  requestContext: z.looseObject({
    eventType: z.string(),
    connectionId: z.string(),
    authorizer: z.unknown().optional(),
  }),
})

let events: z.output<typeof eventSchema>[]
let url: string

beforeEach(async () => {
  events = []
  const runtime: Runtime = await startRuntime({
    assembly: synthesize(app),
    data: join(temporaryFolder(), 'data'),
    onLog: ({ text, stream }) => {
      if (stream === 'stdout') events.push(eventSchema.parse(JSON.parse(text)))
    },
  })
  onTestFinished(() => runtime.stop())
  url = runtime.outputs['Url'] ?? ''
})

it('asks the authorizer as a client connects, and tells every route what it said', async () => {
  const client = await connect(`${url}?a=1`, { headers: { who: 'ann' } })
  client.socket.send('{}')
  await eventually('the message has come', () => events.length === 3)
  client.socket.close()
  await eventually('the route $disconnect is called', () => events.length === 4)
  const [asked, ...rest] = events
  expect(asked).toMatchObject({
    type: 'REQUEST',
    methodArn: expect.stringMatching(/^arn:aws:execute-api:us-east-1:000000000000:\w{10}\/prod\/\$connect$/),
    headers: expect.objectContaining({ who: 'ann' }),
    queryStringParameters: { a: '1' },
    requestContext: { eventType: 'CONNECT', routeKey: '$connect' },
  })
  const { connectionId } = asked?.requestContext ?? {}
  for (const [index, eventType] of ['CONNECT', 'MESSAGE', 'DISCONNECT'].entries())
    expect(rest[index]?.requestContext).toMatchObject({
      eventType,
      connectionId,
      authorizer: { principalId: 'ann', role: 'viewer', count: '7' },
      identity: { apiKey: KEY },
    })
})

it.each([
  [undefined, 401, 'Unauthorized'],
  ['nobody', 401, 'Unauthorized'],
  ['denied', 403, 'Forbidden'],
  ['stranger', 403, 'Forbidden'],
  ['broken', 500, 'Internal server error'],
  ['nonsense', 500, 'Internal server error'],
])('refuses %s with %i', async (who, status, message) => {
  const refused = await refusal(url, { headers: who === undefined ? {} : { who } })
  expect(refused.status).toBe(status)
  expect(JSON.parse(refused.body)).toMatchObject({ message })
  expect(events.filter(({ type }) => type === undefined)).toEqual([])
})
