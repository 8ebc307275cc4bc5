import { join } from 'node:path'

import {
  ApiGatewayManagementApiClient,
  GetConnectionCommand,
  GoneException,
  LimitExceededException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi'
import { CfnOutput, type Stack } from 'aws-cdk-lib'
import { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2'
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { type Runtime, startRuntime } from '../../index.ts'
import { eventually, temporaryFolder } from '../../testing/helpers.ts'
import { inlineFunction, synthesize } from '../../testing/synthesize.ts'
import { limits } from './limits.ts'
import { type Client, connect } from './web-socket-client.ts'

const MUTE = 10
const READING = 50
/** A reader's message is small, so that the test is about those that do not read. */
const SMALL = 1000
const MB = 1024 * 1024
/** Messages sent at once. */
const STORM = 1000

/** The function answers with the id of the connection that a message came on. */
function app(stack: Stack): void {
  const source = `export const handler = async ({ requestContext }) => ({ statusCode: 200, body: requestContext.connectionId })`
  const integration = new WebSocketLambdaIntegration('Id', inlineFunction(stack, 'Id', { source }))
  const api = new WebSocketApi(stack, 'Api')
  api.addRoute('id', { integration, returnResponse: true })
  const common = { webSocketApi: api, autoDeploy: true }
  const stage = new WebSocketStage(stack, 'Stage', { ...common, stageName: 'prod' })
  const throttle = { rateLimit: 1, burstLimit: 10 }
  const slow = new WebSocketStage(stack, 'Slow', { ...common, stageName: 'slow', throttle })
  new CfnOutput(stack, 'Url', { value: stage.url })
  new CfnOutput(stack, 'SlowUrl', { value: slow.url })
  new CfnOutput(stack, 'CallbackUrl', { value: stage.callbackUrl })
}

const ASK = '{"action":"id"}'
const assembly = synthesize(app, afterAll)
const data = join(temporaryFolder({}, afterAll), 'data')
let runtime: Runtime
let management: ApiGatewayManagementApiClient

beforeAll(async () => {
  runtime = await startRuntime({ assembly, data })
  management = new ApiGatewayManagementApiClient({
    endpoint: runtime.outputs['CallbackUrl'] ?? '',
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
})

afterAll(() => runtime.stop())

function post(ConnectionId: string, Data: string): Promise<unknown> {
  return management.send(new PostToConnectionCommand({ ConnectionId, Data }))
}

async function connected(): Promise<Client & { readonly id: string }> {
  const client = await connect(runtime.outputs['Url'] ?? '')
  client.socket.send(ASK)
  return { ...client, id: await eventually('its id', () => client.received[0]) }
}

it('clients that never read cost no more than their buffers, are closed, and keep nothing from the others', async () => {
  const clients = []
  for (let count = 0; count < MUTE + READING; count++) clients.push(await connected())
  const [mute, reading] = [clients.slice(0, MUTE), clients.slice(MUTE)]
  for (const { socket } of mute) socket.pause()
  const memory = process.memoryUsage().rss

  const open = new Set(mute)
  let rounds = 0
  while (open.size > 0) {
    rounds++
    for (const client of open)
      await post(client.id, 'x'.repeat(limits.messageBytes)).catch((error: unknown) => {
        expect(error).toBeInstanceOf(LimitExceededException)
        open.delete(client)
      })
    await Promise.all(reading.map(({ id }) => post(id, `${rounds} `.padEnd(SMALL, 'x'))))
  }
  const all = Array.from({ length: rounds }, (_, round) => `${round + 1} `.padEnd(SMALL, 'x'))
  for (const { id, received } of reading) {
    await eventually('the last message', () => received.length === rounds + 1)
    expect(received).toEqual([id, ...all])
  }
  for (const { id } of mute) await expect(post(id, 'x')).rejects.toThrow(GoneException)
  expect((process.memoryUsage().rss - memory) / MB).toBeLessThan((MUTE * limits.bufferedBytes) / MB + 200)
})

it('a client that pings and never reads the pongs is cut off', async () => {
  const { id, socket } = await connected()
  socket.pause()
  const payload = Buffer.alloc(125)
  const answer = await eventually('an answer other than that it is there', async () => {
    for (let count = 0; count < 500 && socket.readyState === socket.OPEN; count++) socket.ping(payload)
    const asked = management.send(new GetConnectionCommand({ ConnectionId: id }))
    return await asked.then(
      () => undefined,
      (error: unknown) => error,
    )
  })
  expect(answer).toBeInstanceOf(GoneException)
})

it('a client that sends without end delays another by its turns, and loses nothing', async () => {
  const [storm, other] = [await connected(), await connected()]
  for (let count = 0; count < STORM; count++) storm.socket.send(ASK)
  for (let count = 2; count <= 10; count++) {
    other.socket.send(ASK)
    await eventually('an answer', () => other.received.length === count)
  }
  expect(storm.received.length).toBeLessThan(STORM)
  await eventually('all answers', () => storm.received.length === STORM + 1, { seconds: 60 })
})

it('of a client above the rate of its stage, each message is answered', async () => {
  const client = await connect(runtime.outputs['SlowUrl'] ?? '')
  for (let count = 0; count < 300; count++) client.socket.send(ASK)
  await eventually('all answers', () => client.received.length === 300, { seconds: 60 })
  const refused = client.received.filter((text) => text.includes('"Too Many Requests"'))
  expect(refused.length).toBeGreaterThan(250)
  expect(client.socket.readyState).toBe(client.socket.OPEN)
})
