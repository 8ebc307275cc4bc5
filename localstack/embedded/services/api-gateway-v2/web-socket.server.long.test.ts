import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { join } from 'node:path'

import {
  ApiGatewayManagementApiClient,
  type ApiGatewayManagementApiClientConfig,
  DeleteConnectionCommand,
  GetConnectionCommand,
  GoneException,
  LimitExceededException,
  PayloadTooLargeException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi'
import { CfnOutput, Duration, type Stack } from 'aws-cdk-lib'
import { ApiKey, WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2'
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import * as z from 'zod'

import { type Runtime, startRuntime } from '../../index.ts'
import { collectPrinted } from '../../testing/collect-printed.ts'
import { eventually, temporaryFolder } from '../../testing/helpers.ts'
import { inlineFunction, synthesize } from '../../testing/synthesize.ts'
import { keyedWebSocketApi } from '../../testing/keyed-web-socket-api.ts'
import { type Client, connect, refusal } from './web-socket-client.ts'

const SOURCE = `
  import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi'
  const client = new ApiGatewayManagementApiClient({ endpoint: process.env.CALLBACK_URL })
  const post = (ConnectionId, Data) => client.send(new PostToConnectionCommand({ ConnectionId, Data }))
  export const handler = async (event) => {
    console.log(JSON.stringify(event))
    const { connectionId, routeKey } = event.requestContext
    const mode = event.queryStringParameters?.mode ?? (event.body?.startsWith('{') ? JSON.parse(event.body).mode : undefined)
    switch (mode) {
      case 'refuse': return { statusCode: 401, body: 'no' }
      case 'throw': throw new Error('the secret is 42')
      case 'nonsense': return 'hello'
      case 'nothing': return
      case 'hang': return new Promise(() => setTimeout(() => {}, 60_000))
      case 'chat': return { statusCode: 200, headers: { 'Sec-WebSocket-Protocol': 'chat' } }
      case 'wait': await fetch(event.queryStringParameters.for); break
      case 'early': return post(connectionId, 'too early').then(() => ({ statusCode: 200 }), (error) => ({ statusCode: error.$metadata.httpStatusCode }))
    }
    if (routeKey === 'post') await post(connectionId, 'posted: ' + JSON.parse(event.body).text)
    return { statusCode: 200, body: 'answer of ' + routeKey }
  }`

/** One API with everything, and one with neither `$connect` nor `$default`. */
function app(stack: Stack): void {
  const talk = inlineFunction(stack, 'Talk', { source: SOURCE, timeout: Duration.seconds(40) })
  const alias = talk.addAlias('live')
  const integration = new WebSocketLambdaIntegration('Talk', alias)
  const key = new ApiKey(stack, 'Key')
  const { api, stage } = keyedWebSocketApi(stack, { integration, key })
  api.addRoute('post', { integration })
  api.addRoute('answer', { integration, returnResponse: true })
  talk.addEnvironment('CALLBACK_URL', stage.callbackUrl)
  const bare = new WebSocketApi(stack, 'Bare')
  bare.addRoute('post', { integration: new WebSocketLambdaIntegration('Talk', alias) })
  const slow = new WebSocketStage(stack, 'Slow', {
    webSocketApi: bare,
    stageName: 'slow',
    autoDeploy: true,
    throttle: { rateLimit: 1, burstLimit: 2 },
  })
  const outputs = {
    Url: stage.url,
    CallbackUrl: stage.callbackUrl,
    Endpoint: api.apiEndpoint,
    ApiId: api.apiId,
    KeyId: key.keyId,
    OutsideId: new ApiKey(stack, 'Outside').keyId,
    BareUrl: slow.url,
    Foreign: `https://abcdefghij.execute-api.${stack.region}.amazonaws.com/prod`,
  }
  for (const [name, value] of Object.entries(outputs)) new CfnOutput(stack, name, { value })
}

/** A clock that stands until it is moved. */
let time = Date.parse('2026-02-09T18:23:28Z')
const timers = new Set<{ readonly at: number; readonly callback: () => void }>()
const clock = {
  now: () => time,
  after: (milliseconds: number, callback: () => void) => {
    const timer = { at: time + milliseconds, callback }
    timers.add(timer)
    return () => timers.delete(timer)
  },
}
/** Lets time pass up to each timer in turn. */
function pass(milliseconds: number): void {
  const until = time + milliseconds
  for (;;) {
    const [next] = [...timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)
    time = next?.at ?? until
    if (next === undefined) return
    timers.delete(next)
    next.callback()
  }
}

const eventSchema = z.looseObject({
  requestContext: z.looseObject({
    eventType: z.string(),
    routeKey: z.string(),
    connectionId: z.string(),
  }),
})

const assembly = synthesize(app, afterAll)
let runtime: Runtime
const { printed: events, onLog } = collectPrinted(eventSchema)
let key: { 'x-api-key': string }
let url: string

function start(data: string): Promise<Runtime> {
  return startRuntime({ assembly, data, clock, onLog })
}

function output(name: string): string {
  return runtime.outputs[name] ?? ''
}
function apiKey(name: string) {
  return { 'x-api-key': runtime.apiKey(output(name)) ?? '' }
}

function managementClient(options: ApiGatewayManagementApiClientConfig = {}): ApiGatewayManagementApiClient {
  return new ApiGatewayManagementApiClient({
    endpoint: output('CallbackUrl'),
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    ...options,
  })
}

function post(ConnectionId: string, Data: string | Uint8Array) {
  return managementClient().send(new PostToConnectionCommand({ ConnectionId, Data }))
}

/** The event of a kind, once there is one; `$connect` comes first, so a client's id is known at once. */
function eventOf(eventType: string, options?: { readonly seconds: number }) {
  return eventually(
    `an event ${eventType}`,
    () => events.find(({ requestContext }) => requestContext.eventType === eventType),
    options,
  )
}

async function connected(): Promise<Client & { readonly id: string }> {
  const client = await connect(url, { headers: key })
  return { ...client, id: (await eventOf('CONNECT')).requestContext.connectionId }
}

function first(client: Client) {
  return eventually('a message', () => client.received[0])
}

const errorSchema = z.strictObject({ message: z.string(), connectionId: z.string(), requestId: z.string() })

beforeEach(async () => {
  events.length = 0
  timers.clear()
  runtime = await start(join(temporaryFolder(), 'data'))
  onTestFinished(() => runtime.stop())
  url = output('Url')
  key = apiKey('KeyId')
})

describe('the URLs of an API', () => {
  it('lead to this machine, those of other APIs do not', () => {
    const base = `${runtime.endpoint.replace('http:', '')}/_aws/execute-api/${output('ApiId')}`
    expect(runtime.outputs).toMatchObject({
      Url: `ws:${base}/prod`,
      CallbackUrl: `http:${base}/prod`,
      Endpoint: `ws:${base}`,
      Foreign: 'https://abcdefghij.execute-api.us-east-1.amazonaws.com/prod',
    })
  })
})

describe('a client', () => {
  it('connects with a key, and the function gets the event of $connect', async () => {
    await connect(`${url}?symbols=A&symbols=B%26C`, {
      headers: { ...key, 'User-Agent': 'test/1', 'X-Own': 'yes' },
    })
    const host = new URL(url).host
    expect(await eventOf('CONNECT')).toEqual({
      headers: expect.objectContaining({
        Host: host,
        'X-Own': 'yes',
        'Sec-WebSocket-Version': '13',
        'X-Forwarded-For': '127.0.0.1',
        'X-Forwarded-Port': new URL(url).port,
        'X-Forwarded-Proto': 'http',
      }),
      multiValueHeaders: expect.objectContaining({ Host: [host], 'X-Own': ['yes'] }),
      queryStringParameters: { symbols: 'B&C' },
      multiValueQueryStringParameters: { symbols: ['A', 'B&C'] },
      requestContext: {
        routeKey: '$connect',
        eventType: 'CONNECT',
        extendedRequestId: expect.any(String),
        requestTime: '09/Feb/2026:18:23:28 +0000',
        messageDirection: 'IN',
        stage: 'prod',
        connectedAt: time,
        requestTimeEpoch: time,
        identity: {
          userAgent: 'test/1',
          sourceIp: '127.0.0.1',
          apiKey: key['x-api-key'],
          apiKeyId: output('KeyId'),
        },
        requestId: expect.stringMatching(/^[\w-]{15}=$/),
        domainName: host,
        connectionId: expect.stringMatching(/^[\w-]{15}=$/),
        apiId: output('ApiId'),
      },
      isBase64Encoded: false,
    })
  })

  it.each([
    ['no key', () => ({})],
    ['a wrong key', () => ({ 'x-api-key': 'x'.repeat(40) })],
    ['a key that is in no plan of this stage', () => apiKey('OutsideId')],
  ])('is refused with %s, and the function is not asked', async (_what, headers) => {
    const { status, body } = await refusal(url, { headers: headers() })
    expect([status, errorSchema.parse(JSON.parse(body)).message]).toEqual([403, 'Forbidden'])
    expect(events).toEqual([])
  })

  it.each([
    ['refuse', 401, 'Unauthorized'],
    ['throw', 502, 'Internal server error'],
    ['nonsense', 502, 'Internal server error'],
    ['early', 410, 'Gone'],
  ])('is refused when the integration does %s', async (mode, status, message) => {
    const refused = await refusal(`${url}?mode=${mode}`, { headers: key })
    expect([refused.status, JSON.parse(refused.body)]).toEqual([
      status,
      {
        message,
        connectionId: (await eventOf('CONNECT')).requestContext.connectionId,
        requestId: expect.any(String),
      },
    ])
  })

  it('is refused when the integration takes longer than API Gateway waits', async () => {
    const refused = refusal(`${url}?mode=hang`, { headers: key })
    await eventOf('CONNECT')
    pass(29_000)
    expect((await refused).status).toBe(504)
    await runtime.killFunction('talk')
  })

  it('speaks the subprotocol that the integration chose, if any', async () => {
    const options = { headers: key, protocols: ['other', 'chat'] }
    expect((await connect(`${url}?mode=chat`, options)).socket.protocol).toBe('chat')
    await expect(connect(url, options)).rejects.toThrow('no subprotocol')
  })

  it('is refused where there is no such stage or API', async () => {
    for (const target of [
      `${url}/more`,
      url.replace('/prod', '/test'),
      url.replace(/[^/]+\/prod/, 'other/prod'),
    ])
      expect((await refusal(target, { headers: key })).status).toBe(403)
  })

  it('is accepted where there is no $connect, up to what the stage lets through', async () => {
    await connect(output('BareUrl'))
    await connect(output('BareUrl'))
    expect((await refusal(output('BareUrl'))).status).toBe(429)
    pass(1000)
    await connect(output('BareUrl'))
    expect(events).toEqual([])
  })

  it('that goes is told to $disconnect, with its close code', async () => {
    const { socket, id } = await connected()
    socket.close()
    expect(await eventOf('DISCONNECT')).toEqual({
      headers: { Host: new URL(url).host, 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' },
      multiValueHeaders: expect.anything(),
      requestContext: expect.objectContaining({
        routeKey: '$disconnect',
        connectionId: id,
        disconnectStatusCode: 1005,
        disconnectReason: 'Client-side close frame status not set',
      }),
      isBase64Encoded: false,
    })
  })

  it('that is cut off is told to $disconnect too', async () => {
    const { socket, id } = await connected()
    socket.terminate()
    expect((await eventOf('DISCONNECT')).requestContext).toMatchObject({
      connectionId: id,
      disconnectStatusCode: 1006,
    })
  })
})

describe('a client that goes while $connect runs', () => {
  it('is told to $disconnect, as it was let in', async () => {
    const asked = Promise.withResolvers<ServerResponse>()
    const gate = createServer((_request, response) => asked.resolve(response)).listen(0, '127.0.0.1')
    onTestFinished(() => void gate.close())
    await once(gate, 'listening')
    const { port } = z.object({ port: z.number() }).parse(gate.address())
    const socket = new WebSocket(`${url}?mode=wait&for=http://127.0.0.1:${port}`, { headers: key })
    socket.on('error', () => undefined)
    const closed = new Promise((resolve) => {
      socket.on('close', resolve)
    })
    const response = await asked.promise
    socket.terminate()
    await closed
    response.end()
    const { connectionId } = (await eventOf('CONNECT')).requestContext
    expect((await eventOf('DISCONNECT')).requestContext).toMatchObject({
      connectionId,
      disconnectStatusCode: 1006,
    })
  })
})

describe('a message', () => {
  it('goes to $default, and its answer to nobody', async () => {
    const client = await connected()
    const routed = ['hello', '{"action":"none"}', '{"action":"$connect"}', '[]', '{"action":{}}']
    for (const text of routed) client.socket.send(text)
    await eventually('the events', () => events.length === 1 + routed.length)
    const [, ...messages] = events
    expect(new Set(messages.map(({ body }) => body))).toEqual(new Set(routed))
    for (const event of messages) {
      expect(event).toEqual({
        requestContext: expect.objectContaining({
          routeKey: '$default',
          eventType: 'MESSAGE',
          connectionId: client.id,
          messageId: expect.any(String),
          messageDirection: 'IN',
        }),
        body: expect.any(String),
        isBase64Encoded: false,
      })
    }
    client.socket.send('{"action":"answer"}')
    expect(await first(client)).toBe('answer of answer')
  })

  it('goes to the route that it selects, whose function can post to its client', async () => {
    const client = await connected()
    client.socket.send('{"action":"post","text":"£5"}')
    expect(await first(client)).toBe('posted: £5')
  })

  it.each(['throw', 'nonsense', 'nothing'])(
    'is answered with an error when the function does %s',
    async (mode) => {
      const client = await connected()
      client.socket.send(JSON.stringify({ mode }))
      expect(errorSchema.parse(JSON.parse(await first(client)))).toMatchObject({
        message: 'Internal server error',
        connectionId: client.id,
      })
    },
  )

  it('is answered with an error when the function takes longer than API Gateway waits', async () => {
    const client = await connected()
    client.socket.send('{"mode":"hang"}')
    await eventOf('MESSAGE')
    pass(29_000)
    expect(await first(client)).toContain('Endpoint request timed out')
    await runtime.killFunction('talk')
  })

  it('is refused without a route, and beyond what the stage lets through', async () => {
    const client = await connect(output('BareUrl'))
    client.socket.send('hello')
    expect(errorSchema.parse(JSON.parse(await first(client))).message).toBe('Forbidden')
    for (let index = 0; index < 2; index++) client.socket.send('{"action":"post","mode":"throw"}')
    await eventually('two more', () => client.received.length === 3)
    expect(client.received.map((text) => errorSchema.parse(JSON.parse(text)).message).toSorted()).toEqual([
      'Forbidden',
      'Internal server error',
      'Too Many Requests',
    ])
  })

  it('does not wait for the one before', async () => {
    const client = await connected()
    client.socket.send('{"mode":"hang"}')
    client.socket.send('{"action":"answer"}')
    expect(await first(client)).toBe('answer of answer')
    await runtime.killFunction('talk')
  })

  it('may have 128 KiB in frames of 32 KiB', async () => {
    const client = await connected()
    const quarter = 'x'.repeat(32 * 1024)
    for (let index = 0; index < 4; index++) client.socket.send(quarter, { fin: index === 3 })
    expect((await eventOf('MESSAGE'))['body']).toHaveLength(128 * 1024)
  })

  it.each<[string, number, (client: Client) => void]>([
    ['has a longer frame', 1009, ({ socket }) => socket.send('x'.repeat(32 * 1024 + 1))],
    [
      'is longer',
      1009,
      ({ socket }) => {
        for (let index = 0; index < 5; index++) socket.send('x'.repeat(32 * 1024), { fin: index === 4 })
      },
    ],
    ['is binary', 1003, ({ socket }) => socket.send(Buffer.from('x'))],
  ])('that %s ends the connection', async (_what, code, send) => {
    const client = await connected()
    send(client)
    expect((await client.closed).code).toBe(code)
    expect((await eventOf('DISCONNECT')).requestContext).toMatchObject({ disconnectStatusCode: code })
    expect(events.map(({ requestContext }) => requestContext.eventType)).toEqual(['CONNECT', 'DISCONNECT'])
  })
})

describe('the management API', () => {
  it('posts to a connection', async () => {
    const client = await connected()
    await post(client.id, '{"n":1}')
    await post(client.id, Buffer.from('€'))
    await post(client.id, Buffer.from([0xff]))
    await post(client.id, 'x'.repeat(128 * 1024))
    await eventually('four messages', () => client.received.length === 4)
    expect(client.received.slice(0, 3)).toEqual(['{"n":1}', '€', 'ff'])
  })

  it('tells of a connection', async () => {
    const connectedAt = new Date(time)
    const { id, socket } = await connected()
    pass(1000)
    socket.send('hello')
    await eventOf('MESSAGE')
    expect(await managementClient().send(new GetConnectionCommand({ ConnectionId: id }))).toMatchObject({
      ConnectedAt: connectedAt,
      Identity: { SourceIp: '127.0.0.1' },
      LastActiveAt: new Date(time),
    })
  })

  it('closes a connection', async () => {
    const { id, closed } = await connected()
    const { $metadata } = await managementClient().send(new DeleteConnectionCommand({ ConnectionId: id }))
    expect($metadata.httpStatusCode).toBe(204)
    await expect(post(id, 'x')).rejects.toThrow(GoneException)
    expect(await closed).toEqual({ code: 1000, reason: 'Connection Closed Normally' })
    expect((await eventOf('DISCONNECT')).requestContext).toMatchObject({
      disconnectStatusCode: 1000,
      disconnectReason: 'Connection Closed Normally',
    })
  })

  it('cuts off a client that does not answer the close', async () => {
    const { id, socket } = await connected()
    socket.pause()
    await managementClient().send(new DeleteConnectionCommand({ ConnectionId: id }))
    pass(2000)
    // The WebSocket library by itself would wait for 30 s.
    const { requestContext } = await eventOf('DISCONNECT', { seconds: 15 })
    expect(requestContext).toMatchObject({ disconnectStatusCode: 1000 })
  })

  it('knows no connection that is closed, was never there, or is of another API', async () => {
    const { id, socket } = await connected()
    const other = managementClient({ endpoint: output('BareUrl').replace('ws:', 'http:') })
    await expect(other.send(new PostToConnectionCommand({ ConnectionId: id, Data: 'x' }))).rejects.toThrow(
      GoneException,
    )
    socket.close()
    await eventOf('DISCONNECT')
    for (const gone of [id, 'AAAAAAAAAAAAAAA=']) {
      await expect(post(gone, 'x')).rejects.toThrow(GoneException)
      const client = managementClient()
      const ConnectionId = gone
      await expect(client.send(new GetConnectionCommand({ ConnectionId }))).rejects.toThrow(GoneException)
      await expect(client.send(new DeleteConnectionCommand({ ConnectionId }))).rejects.toThrow(GoneException)
    }
    await expect(post('7', 'x')).rejects.toThrow('Invalid connectionId: 7')
  })

  it('refuses more than 128 KiB', async () => {
    const { id } = await connected()
    await expect(post(id, 'x'.repeat(128 * 1024 + 1))).rejects.toThrow(PayloadTooLargeException)
  })

  it('closes a connection whose client does not read', async () => {
    const { id, socket } = await connected()
    socket.pause()
    const client = managementClient({ maxAttempts: 1 })
    const flood = async (): Promise<void> => {
      for (;;)
        await client.send(new PostToConnectionCommand({ ConnectionId: id, Data: 'x'.repeat(128 * 1024) }))
    }
    await expect(flood()).rejects.toThrow(LimitExceededException)
    await expect(post(id, 'x')).rejects.toThrow(GoneException)
    expect((await eventOf('DISCONNECT')).requestContext).toMatchObject({ disconnectStatusCode: 1006 })
  })

  it('answers what is no WebSocket that it wants one', async () => {
    const answer = await fetch(url.replace('ws:', 'http:'))
    expect([answer.status, await answer.text()]).toEqual([426, '{"message":"Upgrade Required"}'])
  })
})

describe('a connection', () => {
  it('ends when nothing was sent for ten minutes', async () => {
    const { id, closed, socket } = await connected()
    pass(6 * 60_000)
    await post(id, 'x')
    pass(6 * 60_000)
    socket.ping()
    await eventually('the ping', async () => {
      const { LastActiveAt } = await managementClient().send(new GetConnectionCommand({ ConnectionId: id }))
      return LastActiveAt?.getTime() === time
    })
    pass(10 * 60_000 - 1)
    await post(id, 'x')
    pass(10 * 60_000)
    expect((await closed).code).toBe(1001)
    expect((await eventOf('DISCONNECT')).requestContext).toMatchObject({
      disconnectStatusCode: 1001,
      disconnectReason: 'Going away',
    })
  })

  it('ends after two hours', async () => {
    const { id, closed } = await connected()
    for (let minute = 9; minute < 120; minute += 9) {
      pass(9 * 60_000)
      await post(id, 'x')
    }
    pass(3 * 60_000)
    expect((await closed).code).toBe(1001)
  })

  it('ends with the runtime, is told to $disconnect, and is gone after a restart', async () => {
    const data = join(temporaryFolder(), 'again')
    await runtime.stop()
    runtime = await start(data)
    url = output('Url')
    key = apiKey('KeyId')
    const { id, closed } = await connected()
    await runtime.stop()
    expect(await closed).toEqual({ code: 1001, reason: 'Going away' })
    // What the function prints last can be lost when its worker ends.
    expect((await runtime.functions())['talk']).toMatchObject({ invocations: 2, errors: 0 })
    runtime = await start(data)
    await expect(post(id, 'x')).rejects.toThrow(GoneException)
    expect(apiKey('KeyId')).toEqual(key)
  })
})
