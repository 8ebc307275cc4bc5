import { join } from 'node:path'

import { CfnOutput, Duration, Size, type Stack } from 'aws-cdk-lib'
import { ApiKey, LambdaIntegration, Period, ResponseType, RestApi } from 'aws-cdk-lib/aws-apigateway'
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import * as z from 'zod'

import { type Runtime, startRuntime } from '../../index.ts'
import { systemClock } from '../../clock.ts'
import { temporaryFolder } from '../../testing/helpers.ts'
import { inlineFunction, synthesize } from '../../testing/synthesize.ts'

const SOURCE = `
  export const handler = async (event) => {
    switch (event.queryStringParameters?.mode) {
      case 'throw': throw new Error('the secret is 42')
      case 'nonsense': return 'hello'
      case 'long': return { statusCode: 200, body: 'x'.repeat(5000) }
      case 'binary': return { statusCode: 201, isBase64Encoded: true, body: Buffer.from([1, 2, 255]).toString('base64') }
      case 'slow': return new Promise((resolve) => setTimeout(resolve, 1500, { statusCode: 200 }))
      default: return { statusCode: 200, headers: { 'x-own': 'yes' }, body: JSON.stringify(event) }
    }
  }`

type Limits = { readonly rate: number; readonly burst: number; readonly quota?: number }

function api(limits: Limits) {
  return (stack: Stack) => {
    const echo = inlineFunction(stack, 'Echo', { source: SOURCE })
    const rest = new RestApi(stack, 'Rest', {
      cloudWatchRole: false,
      minCompressionSize: Size.kibibytes(1),
      binaryMediaTypes: ['application/x-bytes'],
      deployOptions: { stageName: 'prod' },
    })
    const integration = new LambdaIntegration(echo)
    rest.root.addResource('open').addMethod('GET', integration)
    const v1 = rest.root.addResource('v1')
    v1.addResource('{proxy+}').addMethod('ANY', integration, { apiKeyRequired: true })
    rest.root
      .addResource('hurried')
      .addMethod('GET', new LambdaIntegration(echo, { timeout: Duration.millis(50) }))
    v1.addResource('item').addResource('{id}').addMethod('GET', integration)
    rest.addGatewayResponse('NotFound', {
      type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
      statusCode: '404',
      responseHeaders: { 'Content-Type': "'application/problem+json'" },
      templates: { 'application/json': '{"title":$context.error.messageString}' },
    })
    const plan = rest.addUsagePlan('Plan', {
      throttle: { rateLimit: limits.rate, burstLimit: limits.burst },
      ...(limits.quota !== undefined && { quota: { limit: limits.quota, period: Period.DAY } }),
      apiStages: [{ api: rest, stage: rest.deploymentStage }],
    })
    const key = new ApiKey(stack, 'Key')
    plan.addApiKey(key)
    const outside = new ApiKey(stack, 'Outside')
    new CfnOutput(stack, 'Api', { value: rest.restApiId })
    new CfnOutput(stack, 'KeyId', { value: key.keyId })
    new CfnOutput(stack, 'OutsideId', { value: outside.keyId })
  }
}

/** A clock that stands until it is moved. */
let time = Date.parse('2025-11-10T12:00:00Z')
const clock = { ...systemClock, now: () => time }

async function start(limits: Limits, data = join(temporaryFolder(), 'data')) {
  const runtime = await startRuntime({ assembly: synthesize(api(limits)), data, clock })
  return { runtime, ...addressOf(runtime) }
}

function addressOf(runtime: Runtime) {
  const { Api = '', KeyId = '', OutsideId = '' } = runtime.outputs
  return {
    url: runtime.apiUrl(Api, 'prod'),
    key: { 'x-api-key': runtime.apiKey(KeyId) ?? '' },
    outside: { 'x-api-key': runtime.apiKey(OutsideId) ?? '' },
  }
}

const eventSchema = z.record(z.string(), z.unknown())

describe('a REST API', () => {
  let runtime: Runtime
  let url: string
  let key: { 'x-api-key': string }
  let outside: { 'x-api-key': string }

  beforeEach(async () => {
    ;({ runtime, url, key, outside } = await start({ rate: 1000, burst: 1000 }))
    onTestFinished(() => runtime.stop())
  })

  it('sends the function the event of a proxy integration', async () => {
    const answer = await fetch(`${url}/v1/bars/BTC%2FUSD?symbols=A&symbols=B%26C&x=`, { headers: key })
    expect([answer.status, answer.headers.get('x-own'), answer.headers.get('content-type')]).toEqual([
      200,
      'yes',
      'application/json',
    ])
    expect(eventSchema.parse(await answer.json())).toMatchObject({
      resource: '/v1/{proxy+}',
      path: '/v1/bars/BTC%2FUSD',
      httpMethod: 'GET',
      headers: key,
      multiValueHeaders: { 'x-api-key': [key['x-api-key']] },
      queryStringParameters: { symbols: 'B&C', x: '' },
      multiValueQueryStringParameters: { symbols: ['A', 'B&C'], x: [''] },
      pathParameters: { proxy: 'bars/BTC/USD' },
      body: null,
      isBase64Encoded: false,
      requestContext: {
        stage: 'prod',
        path: '/prod/v1/bars/BTC%2FUSD',
        resourcePath: '/v1/{proxy+}',
        identity: { apiKey: key['x-api-key'], apiKeyId: runtime.outputs['KeyId'] },
      },
    })
  })

  it('discards a function that takes longer than the method lets it', async () => {
    expect((await fetch(`${url}/hurried?mode=slow`)).status).toBe(504)
    expect((await fetch(`${url}/open?mode=slow`)).status).toBe(200)
    expect((await fetch(`${url}/hurried?mode=long`)).status).toBe(200)
  })

  it('passes bodies and other methods on', async () => {
    const answer = await fetch(`${url}/v1/x`, { method: 'POST', headers: key, body: 'hello' })
    expect(eventSchema.parse(await answer.json())).toMatchObject({ httpMethod: 'POST', body: 'hello' })
  })

  it.each(['*/*', 'text/plain, application/x-bytes'])(
    'leaves base64 as it is for who accepts first %s, of which the API does not say that it is binary',
    async (accept) => {
      const answer = await fetch(`${url}/open?mode=binary`, { headers: { accept } })
      expect(await answer.text()).toBe('AQL/')
    },
  )

  it('hands a function a binary body in base64, and any other as text', async () => {
    const post = async (type: string) => {
      const headers = { ...key, 'content-type': type }
      const answer = await fetch(`${url}/v1/x`, { method: 'POST', headers, body: 'hello' })
      return eventSchema.parse(await answer.json())
    }
    expect(await post('application/x-bytes')).toMatchObject({ body: 'aGVsbG8=', isBase64Encoded: true })
    expect(await post('application/json')).toMatchObject({ body: 'hello', isBase64Encoded: false })
  })

  it('prefers the more exact resource', async () => {
    const answer = await fetch(`${url}/v1/item/7`)
    expect(eventSchema.parse(await answer.json())).toMatchObject({
      resource: '/v1/item/{id}',
      pathParameters: { id: '7' },
    })
  })

  it.each([
    ['without a key', () => ({})],
    ['with a wrong key', () => ({ 'x-api-key': 'x'.repeat(40) })],
    ['with a key that is in no plan of this stage', () => outside],
  ])('refuses requests %s as API Gateway does', async (_what, headers) => {
    const answer = await fetch(`${url}/v1/bars`, { headers: headers() })
    expect([answer.status, answer.headers.get('x-amzn-errortype'), await answer.text()]).toEqual([
      403,
      'ForbiddenException',
      '{"message":"Forbidden"}',
    ])
  })

  it('lets anybody in where no key is asked for', async () => {
    expect((await fetch(`${url}/open`)).status).toBe(200)
  })

  it('answers what it does not have as the template says', async () => {
    for (const target of [`${url}/nothing`, `${url}/open/more`]) {
      const answer = await fetch(target)
      expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
        404,
        'application/problem+json',
        '{"title":"Missing Authentication Token"}',
      ])
    }
  })

  it('knows no other stage and no other API', async () => {
    for (const target of [url.replace('/prod', '/test'), url.replace(/[^/]+\/prod/, 'other/prod')])
      expect((await fetch(`${target}/open`)).status).toBe(403)
  })

  it.each(['throw', 'nonsense'])(
    'answers 502 when the function does %s, and tells nothing of it',
    async (mode) => {
      const answer = await fetch(`${url}/open?mode=${mode}`)
      expect([answer.status, await answer.text()]).toEqual([502, '{"message":"Internal server error"}'])
    },
  )

  it('decodes binary bodies and compresses long ones for those who can read that', async () => {
    const binary = await fetch(`${url}/open?mode=binary`, { headers: { accept: 'application/x-bytes, */*' } })
    expect([binary.status, [...new Uint8Array(await binary.arrayBuffer())]]).toEqual([201, [1, 2, 255]])
    const long = await fetch(`${url}/open?mode=long`)
    expect([long.headers.get('content-encoding'), (await long.text()).length]).toEqual(['gzip', 5000])
    for (const [accepted, encoding] of [
      ['br, gzip;q=0.5', 'gzip'],
      ['*', 'gzip'],
      ['gzip;q=0', null],
      ['gzip; q=0.0, *', null],
    ] as const) {
      const answer = await fetch(`${url}/open?mode=long`, { headers: { 'accept-encoding': accepted } })
      expect([accepted, answer.headers.get('content-encoding')]).toEqual([accepted, encoding])
    }
    const plain = await fetch(`${url}/open?mode=long`, { headers: { 'accept-encoding': 'identity' } })
    expect([plain.headers.get('content-encoding'), plain.headers.get('content-length')]).toEqual([
      null,
      '5000',
    ])
  })
})

describe('a usage plan', () => {
  const statuses = async (count: number, url: string, headers: Record<string, string>) => {
    const all: number[] = []
    for (let index = 0; index < count; index++) all.push((await fetch(`${url}/v1/x`, { headers })).status)
    return all
  }

  it('lets a burst through, then its rate', async () => {
    const { runtime, url, key } = await start({ rate: 2, burst: 3 })
    onTestFinished(() => runtime.stop())
    expect(await statuses(4, url, key)).toEqual([200, 200, 200, 429])
    expect(await (await fetch(`${url}/v1/x`, { headers: key })).text()).toBe(
      '{"message":"Too Many Requests"}',
    )
    time += 1000
    expect(await statuses(3, url, key)).toEqual([200, 200, 429])
  })

  it('counts a day, in UTC', async () => {
    const { runtime, url, key } = await start({ rate: 1000, burst: 1000, quota: 2 })
    onTestFinished(() => runtime.stop())
    expect(await statuses(3, url, key)).toEqual([200, 200, 429])
    expect(await (await fetch(`${url}/v1/x`, { headers: key })).text()).toBe('{"message":"Limit Exceeded"}')
    time += 86_400_000
    expect(await statuses(1, url, key)).toEqual([200])
  })
})

describe('the value of a key', () => {
  const data = join(temporaryFolder({}, afterAll), 'data')

  it('is made once and kept', async () => {
    const first = await start({ rate: 1, burst: 1 }, data)
    await first.runtime.stop()
    const second = await start({ rate: 1, burst: 1 }, data)
    await second.runtime.stop()
    expect(second.key).toEqual(first.key)
    expect(first.key['x-api-key']).toMatch(/^[0-9a-f]{40}$/)
    expect(first.outside).not.toEqual(first.key)
  })
})

it('what cannot be run here is refused by name', async () => {
  const assembly = synthesize((stack) => {
    const rest = new RestApi(stack, 'Rest', { cloudWatchRole: false })
    rest.root.addMethod('GET')
  })
  await expect(startRuntime({ assembly, data: join(temporaryFolder(), 'data') })).rejects.toThrow(
    /RestGET.*Integration.Type: only AWS_PROXY/,
  )
})
