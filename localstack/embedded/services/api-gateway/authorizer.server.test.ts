import { join } from 'node:path'

import { CfnOutput, Duration, type Stack } from 'aws-cdk-lib'
import {
  ApiKey,
  ApiKeySourceType,
  AuthorizationType,
  IdentitySource,
  LambdaIntegration,
  RequestAuthorizer,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import * as z from 'zod'

import { systemClock } from '../../clock.ts'
import { type Runtime, startRuntime } from '../../index.ts'
import { collectPrinted } from '../../testing/collect-printed.ts'
import { temporaryFolder } from '../../testing/helpers.ts'
import { inlineFunction, synthesize } from '../../testing/synthesize.ts'

const KEY = 'the-value-of-the-key-in-a-plan'

/** Answers as the header `who` says, and prints the event. */
const AUTHORIZER = `
  export const handler = async (event) => {
    console.log(JSON.stringify(event))
    const who = event.headers.who
    if (who === 'nobody') throw new Error('Unauthorized')
    if (who === 'broken') throw new Error('the secret is 42')
    if (who === 'nonsense') return { principalId: 'x' }
    const [Effect, Resource] = who === 'denied' ? ['Deny', '*'] : ['Allow', who === 'one' ? event.methodArn : event.methodArn.replace(/prod.*/, 'prod/GET/*')]
    const Statement = who === 'neither' ? [{ Effect, Action: 'execute-api:Invalidate', Resource }] : [{ Effect, Action: 'execute-api:Invoke', Resource }]
    if (who === 'conditional') Statement[0].Condition = { Bool: { 'aws:SecureTransport': 'true' } }
    return {
      principalId: who,
      policyDocument: { Version: '2012-10-17', Statement },
      context: who === 'nested' ? { a: { b: 1 } } : { role: 'viewer', count: 7, good: true },
      usageIdentifierKey: who === 'keyless' ? undefined : who === 'stranger' ? 'a-value-that-is-no-key-here' : '${KEY}',
    }
  }`
const ECHO = `export const handler = async (event) => ({ statusCode: 200, body: JSON.stringify(event) })`

function api(ttl: Duration) {
  return (stack: Stack) => {
    const rest = new RestApi(stack, 'Rest', {
      cloudWatchRole: false,
      apiKeySourceType: ApiKeySourceType.AUTHORIZER,
      deployOptions: { stageName: 'prod' },
    })
    const authorizer = new RequestAuthorizer(stack, 'Authorizer', {
      handler: inlineFunction(stack, 'Judge', { source: AUTHORIZER }),
      identitySources: [IdentitySource.header('who')],
      resultsCacheTtl: ttl,
    })
    const integration = new LambdaIntegration(inlineFunction(stack, 'Echo', { source: ECHO }))
    const custom = { authorizer, authorizationType: AuthorizationType.CUSTOM }
    rest.root.addResource('keyless').addMethod('GET', integration, custom)
    const data = rest.root.addResource('v1').addResource('{proxy+}')
    data.addMethod('ANY', integration, { ...custom, apiKeyRequired: true })
    const plan = rest.addUsagePlan('Plan', { apiStages: [{ api: rest, stage: rest.deploymentStage }] })
    plan.addApiKey(new ApiKey(stack, 'Key', { value: KEY }))
    new CfnOutput(stack, 'Api', { value: rest.restApiId })
  }
}

const eventSchema = z.looseObject({
  methodArn: z.string().optional(),
  requestContext: z.looseObject({ authorizer: z.unknown().optional() }),
})

const { printed: asked, onLog } = collectPrinted(eventSchema)
let time = Date.parse('2025-11-10T12:00:00Z')

async function start(ttl: Duration) {
  asked.length = 0
  const runtime: Runtime = await startRuntime({
    assembly: synthesize(api(ttl)),
    data: join(temporaryFolder(), 'data'),
    clock: { ...systemClock, now: () => time },
    onLog,
  })
  onTestFinished(() => runtime.stop())
  const url = runtime.apiUrl(runtime.outputs['Api'] ?? '', 'prod')
  return async (path: string, who?: string, method = 'GET') => {
    const answer = await fetch(`${url}${path}`, { method, headers: who === undefined ? {} : { who } })
    return { status: answer.status, type: answer.headers.get('x-amzn-errortype'), body: await answer.text() }
  }
}

describe('a REST API with a Lambda authorizer', () => {
  let call: Awaited<ReturnType<typeof start>>

  beforeEach(async () => {
    call = await start(Duration.seconds(0))
  })

  it('asks it with the event of the request, and hands its context on as text', async () => {
    const answer = await call('/v1/a%20b/c?x=1&x=2', 'one')
    expect(asked).toEqual([
      expect.objectContaining({
        type: 'REQUEST',
        methodArn: expect.stringMatching(
          /^arn:aws:execute-api:us-east-1:000000000000:\w{10}\/prod\/GET\/v1\/a%20b\/c$/,
        ),
        resource: '/v1/{proxy+}',
        path: '/v1/a%20b/c',
        httpMethod: 'GET',
        headers: expect.objectContaining({ who: 'one' }),
        queryStringParameters: { x: '2' },
        multiValueQueryStringParameters: { x: ['1', '2'] },
        pathParameters: { proxy: 'a b/c' },
        stageVariables: {},
      }),
    ])
    expect(asked[0]).not.toHaveProperty('body')
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body)).toMatchObject({
      requestContext: {
        authorizer: { principalId: 'one', role: 'viewer', count: '7', good: 'true' },
        identity: { apiKey: KEY },
      },
    })
  })

  it.each([
    ['lacks the identity source', undefined, 401, 'UnauthorizedException', '{"message":"Unauthorized"}'],
    ['is of nobody', 'nobody', 401, 'UnauthorizedException', '{"message":"Unauthorized"}'],
    [
      'is denied',
      'denied',
      403,
      'AccessDeniedException',
      '{"message":"User is not authorized to access this resource with an explicit deny"}',
    ],
    [
      'is not allowed',
      'neither',
      403,
      'AccessDeniedException',
      '{"message":"User is not authorized to access this resource"}',
    ],
    ['makes it fail', 'broken', 500, 'AuthorizerFailureException', '{"message":null}'],
    ['gets no policy', 'nonsense', 500, 'AuthorizerConfigurationException', '{"message":null}'],
    ['gets a nested context', 'nested', 500, 'AuthorizerConfigurationException', '{"message":null}'],
    ['gets a condition', 'conditional', 500, 'AuthorizerConfigurationException', '{"message":null}'],
    ['gets no key', 'keyless', 403, 'ForbiddenException', '{"message":"Forbidden"}'],
    ['gets a key that there is not', 'stranger', 403, 'ForbiddenException', '{"message":"Forbidden"}'],
  ])('refuses a request that %s', async (_what, who, status, type, body) => {
    expect(await call('/v1/x', who)).toEqual({ status, type, body })
  })

  it('takes the key of the authorizer only, and needs none where the method does not', async () => {
    expect((await call('/keyless', 'keyless')).status).toBe(200)
    expect((await call('/v1/x', 'anybody')).status).toBe(200)
  })

  it('lets a policy name methods', async () => {
    expect((await call('/v1/x', 'reader', 'POST')).status).toBe(403)
    expect((await call('/v1/x', 'one', 'POST')).status).toBe(200)
  })
})

it('keeps an answer for its time to live, for all methods of the stage, and no longer', async () => {
  const call = await start(Duration.seconds(60))
  expect((await call('/v1/x', 'one')).status).toBe(200)
  expect((await call('/v1/x', 'one')).status).toBe(200)
  // The policy that is kept names the first path only: the well-known trap, which AWS has too.
  expect((await call('/v1/y', 'one')).status).toBe(403)
  expect(asked).toHaveLength(1)
  expect((await call('/v1/y', 'other')).status).toBe(200)
  expect(asked).toHaveLength(2)
  time += 60_000
  expect((await call('/v1/y', 'one')).status).toBe(200)
  expect(asked).toHaveLength(3)
  // What is no answer is not kept.
  for (const _ of [1, 2]) expect((await call('/v1/y', 'nobody')).status).toBe(401)
  expect(asked).toHaveLength(5)
})
