import { join } from 'node:path'

import { CfnOutput, type Stack } from 'aws-cdk-lib'
import { ApiKey, WebSocketApiKeySelectionExpression } from 'aws-cdk-lib/aws-apigatewayv2'
import { WebSocketLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import * as z from 'zod'

import { type Runtime, startRuntime } from '../../index.ts'
import { collectPrinted } from '../../testing/collect-printed.ts'
import { eventually, temporaryFolder } from '../../testing/helpers.ts'
import { inlineFunction, synthesize } from '../../testing/synthesize.ts'
import { keyedWebSocketApi } from '../../testing/keyed-web-socket-api.ts'
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
  const judge = inlineFunction(stack, 'Judge', { source: AUTHORIZER })
  const { stage } = keyedWebSocketApi(stack, {
    integration,
    key: new ApiKey(stack, 'Key', { value: KEY }),
    authorizer: new WebSocketLambdaAuthorizer('Judge', judge, {
      identitySource: ['route.request.header.who'],
    }),
    apiKeySelectionExpression: WebSocketApiKeySelectionExpression.AUTHORIZER_USAGE_IDENTIFIER_KEY,
  })
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

const { printed: events, onLog } = collectPrinted(eventSchema)
let url: string

beforeEach(async () => {
  events.length = 0
  const runtime: Runtime = await startRuntime({
    assembly: synthesize(app),
    data: join(temporaryFolder(), 'data'),
    onLog,
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
