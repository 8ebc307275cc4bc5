import { createServer } from 'node:http'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import type { KinesisEnvironment } from '../../feed/kinesis-client.ts'
import type { PutResult } from '../../feed/kinesis-port.ts'

type Answer = { readonly status: number; readonly body: string } | 'hang-up'

const versions: string[] = []
let answer: Answer = 'hang-up'
const server = createServer((request, response) => {
  versions.push(request.httpVersion)
  request.resume().on('end', () => {
    if (answer === 'hang-up') request.socket.destroy()
    else response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' }).end(answer.body)
  })
})

beforeEach(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await new Promise((resolve) => {
    server.close(resolve)
    server.closeAllConnections()
  })
})

it.each<[string, Answer, Partial<PutResult>]>([
  [
    'an answer',
    json(200, { FailedRecordCount: 0, Records: [{ ShardId: 's', SequenceNumber: '1' }] }),
    accepted(),
  ],
  ['an internal failure', json(500, { __type: 'InternalFailure' }), unavailable('InternalFailure')],
  ['a page of a proxy', { status: 502, body: '<html>' }, { type: 'unavailable' }],
  ['a broken connection', 'hang-up', unavailable('ECONNRESET')],
  ['throttling', json(400, { __type: 'ProvisionedThroughputExceededException' }), { type: 'unavailable' }],
  ['a limit', json(400, { __type: 'LimitExceededException' }), unavailable('LimitExceededException')],
  ['a busy key', json(400, { __type: 'KMSThrottlingException' }), unavailable('KMSThrottlingException')],
  [
    'a missing stream',
    json(400, { __type: 'ResourceNotFoundException' }),
    refused('ResourceNotFoundException'),
  ],
  [
    'a denial',
    json(400, { __type: 'AccessDeniedException', message: 'no' }),
    refused('AccessDeniedException'),
  ],
  ['a disabled key', json(400, { __type: 'KMSDisabledException' }), refused('KMSDisabledException')],
  ['an invalid call', json(400, { __type: 'ValidationException' }), refused('ValidationException')],
])('tells %s for what it is', async (_what, given, expected) => {
  answer = given
  expect(await putOne(`http://127.0.0.1:${portOf()}`)).toMatchObject(expected)
  expect(new Set(versions)).toEqual(new Set(['1.1']))
})

it('tells which records of a put failed', async () => {
  const failed = { ErrorCode: 'InternalFailure', ErrorMessage: 'once more' }
  const denied = { ErrorCode: 'KMSAccessDeniedException', ErrorMessage: 'no' }
  answer = json(200, {
    FailedRecordCount: 2,
    Records: [failed, { ShardId: 's', SequenceNumber: '1' }, denied],
  })
  expect(await putOne(`http://127.0.0.1:${portOf()}`)).toEqual({
    type: 'answered',
    outcomes: [
      { type: 'failed', code: 'InternalFailure', message: 'once more' },
      { type: 'accepted' },
      { type: 'refused', code: 'KMSAccessDeniedException', message: 'no' },
    ],
  })
})

it('tells that nobody listens', async () => {
  const port = portOf()
  await new Promise((resolve) => server.close(resolve))
  expect(await putOne(`http://127.0.0.1:${port}`)).toMatchObject(unavailable('ECONNREFUSED'))
})

it('takes us-east-1 as the region only where an endpoint is set', async () => {
  expect(await regionOf({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' })).toBe('us-east-1')
  expect(await regionOf({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_REGION: 'eu-west-1' })).toBe(
    'eu-west-1',
  )
  expect(await regionOf({ AWS_REGION: 'eu-west-1' })).toBe('eu-west-1')
})

async function putOne(endpoint: string): Promise<PutResult> {
  const client = createKinesisClient({
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_ENDPOINT_URL_KINESIS: endpoint,
  })
  const result = await kinesisPort(client).putRecords('ticks', [
    { partitionKey: 'A', data: Buffer.from('{}') },
  ])
  client.destroy()
  return result
}

async function regionOf(environment: KinesisEnvironment): Promise<string> {
  return createKinesisClient(environment).config.region()
}

function portOf(): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function json(status: number, body: unknown): Answer {
  return { status, body: JSON.stringify(body) }
}

function accepted(): PutResult {
  return { type: 'answered', outcomes: [{ type: 'accepted' }] }
}

function unavailable(code: string): Partial<PutResult> {
  return { type: 'unavailable', code }
}

function refused(code: string): Partial<PutResult> {
  return { type: 'refused', code }
}
