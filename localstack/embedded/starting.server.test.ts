import { once } from 'node:events'
import { createServer } from 'node:http'
import { CfnOutput, CustomResource } from 'aws-cdk-lib'
import type { Stack } from 'aws-cdk-lib'
import { ApiKey, LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway'
import { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2'
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from './http/free-port.ts'
import { startRuntime } from './index.ts'
import type { Runtime } from './index.ts'
import { refusal } from './services/api-gateway-v2/web-socket-client.ts'
import { temporaryFolder } from './testing/helpers.ts'
import { inlineFunction, synthesize } from './testing/synthesize.ts'

const KEY = 'a-key-of-twenty-characters'

/** APIs, and after them a resource whose creation waits for an answer of the test. */
function app(gate: string): (stack: Stack) => void {
  return (stack) => {
    const echo = inlineFunction(stack, 'Echo', {
      source: 'export const handler = async () => ({ statusCode: 200 })',
    })
    const rest = new RestApi(stack, 'Rest', { cloudWatchRole: false, deployOptions: { stageName: 'prod' } })
    rest.root.addMethod('GET', new LambdaIntegration(echo), { apiKeyRequired: true })
    const plan = rest.addUsagePlan('Plan', { apiStages: [{ api: rest, stage: rest.deploymentStage }] })
    const key = new ApiKey(stack, 'Key', { value: KEY })
    plan.addApiKey(key)
    const integration = new WebSocketLambdaIntegration('Echo', echo)
    const live = new WebSocketApi(stack, 'Live', { connectRouteOptions: { integration } })
    const stage = new WebSocketStage(stack, 'Stage', {
      webSocketApi: live,
      stageName: 'prod',
      autoDeploy: true,
    })
    const slow = inlineFunction(stack, 'Slow', {
      source: `export const handler = async ({ ResponseURL, ResourceProperties: { rest, live } }) => {
        await fetch('${gate}', { method: 'POST', body: JSON.stringify({ rest, live }) })
        await fetch(ResponseURL, { method: 'PUT', body: '{"Status":"SUCCESS"}' })
      }`,
    })
    new CustomResource(stack, 'Last', {
      serviceToken: slow.functionArn,
      properties: { rest: rest.url, live: stage.url },
    }).node.addDependency(rest, live)
    new CfnOutput(stack, 'Url', { value: rest.url })
  }
}

/** What clients are answered, with a key that is valid once everything runs. */
async function answers({ rest, live }: { readonly rest: string; readonly live: string }, port: number) {
  const byRest = await fetch(rest, { headers: { 'x-api-key': KEY } })
  const health = await fetch(`http://127.0.0.1:${port}/_health`)
  return {
    rest: [byRest.status, byRest.headers.get('retry-after'), await byRest.text()],
    live: await refusal(live),
    health: await health.json(),
  }
}

test('while the runtime starts, its APIs ask clients to come again, whatever their key', async () => {
  const port = await freePort()
  const seen: unknown[] = []
  const gate = createServer((request, response) => {
    const look = async (): Promise<void> => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(Buffer.from(chunk))
      seen.push(await answers(JSON.parse(Buffer.concat(chunks).toString()), port))
      response.end()
    }
    void look()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void gate.close())
  await once(gate, 'listening')
  const address = gate.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`
  const runtime: Runtime = await startRuntime({
    assembly: synthesize(app(url)),
    data: temporaryFolder(),
    port,
  })
  onTestFinished(() => runtime.stop())
  expect(seen).toEqual([
    {
      rest: [503, '1', '{"message":"Service Unavailable"}'],
      live: { status: 503, body: '{"message":"Service Unavailable"}' },
      health: { status: 'starting', stack: 'Small', lag: [] },
    },
  ])
  const later = await fetch(runtime.outputs['Url'] ?? '', { headers: { 'x-api-key': KEY } })
  expect(later.status).toBe(200)
})
