import { join } from 'node:path'

import {
  ApiGatewayManagementApiClient,
  GoneException,
  LimitExceededException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi'
import { CfnOutput, type Stack } from 'aws-cdk-lib'
import { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2'
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { expect, it, onTestFinished } from 'vitest'

import { startRuntime } from '../../index.ts'
import { eventually, temporaryFolder } from '../../testing/helpers.ts'
import { inlineFunction, synthesize } from '../../testing/synthesize.ts'
import { limits } from './limits.ts'
import { connect } from './web-socket-client.ts'

const MUTE = 10
const READING = 50
/** A reader's message is small, so that the test is about those that do not read. */
const SMALL = 1000
const MB = 1024 * 1024

/** The function answers with the id of the connection that a message came on. */
function app(stack: Stack): void {
  const source = `export const handler = async ({ requestContext }) => ({ statusCode: 200, body: requestContext.connectionId })`
  const integration = new WebSocketLambdaIntegration('Id', inlineFunction(stack, 'Id', { source }))
  const api = new WebSocketApi(stack, 'Api')
  api.addRoute('id', { integration, returnResponse: true })
  const stage = new WebSocketStage(stack, 'Stage', { webSocketApi: api, stageName: 'prod', autoDeploy: true })
  new CfnOutput(stack, 'Url', { value: stage.url })
  new CfnOutput(stack, 'CallbackUrl', { value: stage.callbackUrl })
}

it('clients that never read cost no more than their buffers, are closed, and keep nothing from the others', async () => {
  const runtime = await startRuntime({ assembly: synthesize(app), data: join(temporaryFolder(), 'data') })
  onTestFinished(() => runtime.stop())
  const management = new ApiGatewayManagementApiClient({
    endpoint: runtime.outputs['CallbackUrl'] ?? '',
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  const post = (ConnectionId: string, Data: string): Promise<unknown> =>
    management.send(new PostToConnectionCommand({ ConnectionId, Data }))
  const connected = async () => {
    const client = await connect(runtime.outputs['Url'] ?? '')
    client.socket.send('{"action":"id"}')
    return { ...client, id: await eventually('its id', () => client.received[0]) }
  }
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
