import { join } from 'node:path'

import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  DeleteUsagePlanKeyCommand,
  GetApiKeyCommand,
  GetApiKeysCommand,
  GetRestApiCommand,
  GetRestApisCommand,
  GetUsagePlanKeysCommand,
  GetUsagePlansCommand,
  UpdateApiKeyCommand,
} from '@aws-sdk/client-api-gateway'
import { CfnOutput, type Stack } from 'aws-cdk-lib'
import { ApiKey, LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway'
import { expect, it, onTestFinished } from 'vitest'

import { startRuntime } from '../../index.ts'
import { temporaryFolder } from '../../testing/helpers.ts'
import { inlineFunction, synthesize } from '../../testing/synthesize.ts'

function app(stack: Stack): void {
  const rest = new RestApi(stack, 'Rest', {
    restApiName: 'shop',
    cloudWatchRole: false,
    deployOptions: { stageName: 'prod' },
  })
  const source = 'export const handler = async () => ({ statusCode: 200 })'
  const integration = new LambdaIntegration(inlineFunction(stack, 'Ok', { source }))
  rest.root.addMethod('GET', integration, { apiKeyRequired: true })
  const plan = rest.addUsagePlan('Plan', {
    name: 'shop-plan',
    throttle: { rateLimit: 100, burstLimit: 100 },
    apiStages: [{ api: rest, stage: rest.deploymentStage }],
  })
  plan.addApiKey(new ApiKey(stack, 'Key', { apiKeyName: 'shop-first' }))
  new CfnOutput(stack, 'Api', { value: rest.restApiId })
}

async function start(data = join(temporaryFolder(), 'data')) {
  const runtime = await startRuntime({ assembly: synthesize(app), data })
  onTestFinished(() => runtime.stop())
  const client = new APIGatewayClient({
    endpoint: runtime.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  const api = runtime.outputs['Api'] ?? ''
  const status = async (key = '') =>
    (await fetch(runtime.apiUrl(api, 'prod'), { headers: { 'x-api-key': key } })).status
  return { runtime, client, api, status }
}

it('makes a key, puts it into a plan, disables and deletes it; a restart keeps what was done', async () => {
  const data = join(temporaryFolder(), 'data')
  const { runtime, client, status } = await start(data)
  const made = await client.send(new CreateApiKeyCommand({ name: 'shop-second', enabled: true }))
  const { id: keyId, value = '' } = made
  expect(made).toMatchObject({ name: 'shop-second', enabled: true, createdDate: expect.any(Date) })
  expect(await status(value)).toBe(403)
  const { items: plans = [] } = await client.send(new GetUsagePlansCommand())
  expect(plans).toMatchObject([{ name: 'shop-plan', throttle: { rateLimit: 100, burstLimit: 100 } }])
  const inPlan = { usagePlanId: plans[0]?.id, keyId }
  await client.send(new CreateUsagePlanKeyCommand({ ...inPlan, keyType: 'API_KEY' }))
  expect(await status(value)).toBe(200)
  const members = await client.send(new GetUsagePlanKeysCommand({ usagePlanId: plans[0]?.id }))
  expect(members.items?.map(({ name }) => name)).toEqual(['shop-first', 'shop-second'])
  await runtime.stop()

  const again = await start(data)
  expect(await again.status(value)).toBe(200)
  const off = {
    apiKey: keyId,
    patchOperations: [{ op: 'replace', path: '/enabled', value: 'false' }],
  } as const
  await again.client.send(new UpdateApiKeyCommand({ ...off, patchOperations: [...off.patchOperations] }))
  expect(await again.status(value)).toBe(403)
  const on = [{ op: 'replace' as const, path: '/enabled', value: 'true' }]
  await again.client.send(new UpdateApiKeyCommand({ apiKey: keyId, patchOperations: on }))
  expect(await again.status(value)).toBe(200)
  await again.client.send(new DeleteUsagePlanKeyCommand(inPlan))
  expect(await again.status(value)).toBe(403)
  await again.client.send(new DeleteApiKeyCommand({ apiKey: keyId }))
  await expect(again.client.send(new GetApiKeyCommand({ apiKey: keyId }))).rejects.toThrow(/Invalid API Key/)
})

it('keeps a key of the template disabled over a restart, as CloudFormation does', async () => {
  const data = join(temporaryFolder(), 'data')
  const { runtime, client, status } = await start(data)
  const { items = [] } = await client.send(new GetApiKeysCommand({ nameQuery: 'shop', includeValues: true }))
  expect(items).toMatchObject([
    { name: 'shop-first', enabled: true, value: expect.stringMatching(/^\w{40}$/) },
  ])
  const [{ id, value } = {}] = items
  expect(await status(value)).toBe(200)
  const patchOperations = [{ op: 'replace' as const, path: '/enabled', value: 'false' }]
  await client.send(new UpdateApiKeyCommand({ apiKey: id, patchOperations }))
  expect(await status(value)).toBe(403)
  await runtime.stop()
  expect(await (await start(data)).status(value)).toBe(403)
})

it('shows values to who asks for them only, and finds keys by the start of their name', async () => {
  const { client } = await start()
  const { items } = await client.send(new GetApiKeysCommand())
  expect(items?.[0]).not.toHaveProperty('value')
  expect((await client.send(new GetApiKeysCommand({ nameQuery: 'other' }))).items).toEqual([])
})

it('refuses what API Gateway refuses', async () => {
  const { client } = await start()
  const value = 'a-value-of-at-least-20-characters'
  const { id: keyId } = await client.send(new CreateApiKeyCommand({ name: 'a', value, enabled: true }))
  await expect(client.send(new CreateApiKeyCommand({ name: 'b', value }))).rejects.toMatchObject({
    name: 'ConflictException',
  })
  await expect(client.send(new CreateApiKeyCommand({ value: 'short' }))).rejects.toMatchObject({
    name: 'BadRequestException',
  })
  const { items: plans = [] } = await client.send(new GetUsagePlansCommand())
  const member = { usagePlanId: plans[0]?.id, keyId, keyType: 'API_KEY' }
  await client.send(new CreateUsagePlanKeyCommand(member))
  await expect(client.send(new CreateUsagePlanKeyCommand(member))).rejects.toMatchObject({
    name: 'ConflictException',
  })
  const { items: keys = [] } = await client.send(new GetApiKeysCommand({ nameQuery: 'shop' }))
  const first = { usagePlanId: plans[0]?.id, keyId: keys[0]?.id }
  await expect(client.send(new DeleteUsagePlanKeyCommand(first))).rejects.toThrow(/is of the template/)
  await expect(client.send(new DeleteApiKeyCommand({ apiKey: 'other' }))).rejects.toMatchObject({
    name: 'NotFoundException',
  })
})

it('tells of its APIs where they take their keys from', async () => {
  const { client, api } = await start()
  const known = { id: api, name: 'shop', apiKeySource: 'HEADER' }
  expect(await client.send(new GetRestApiCommand({ restApiId: api }))).toMatchObject(known)
  expect((await client.send(new GetRestApisCommand())).items).toMatchObject([known])
})
