import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { DeleteObjectsCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRuntime } from './index.ts'
import type { Runtime } from './index.ts'
import { refusal } from './services/api-gateway-v2/web-socket-client.ts'
import { attackedApp } from './testing/attacked-app.ts'
import { temporaryFolder } from './testing/helpers.ts'
import { synthesize } from './testing/synthesize.ts'

let runtime: Runtime
const assembly = synthesize(attackedApp, afterAll)
const data = temporaryFolder({}, afterAll)

beforeAll(async () => {
  runtime = await startRuntime({ assembly, data })
})
afterAll(() => runtime.stop())

/** What is answered to the head of a request whose body never comes. */
async function answerTo(line: string, ...headers: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(runtime.endpoint).port), '127.0.0.1')
  socket.write([line, 'Host: localhost', ...headers, '', ''].join('\r\n'))
  return await text(socket)
}

const invocations = '/2015-03-31/functions/victim/invocations'

function pathOf(output: string): string {
  return new URL(runtime.outputs[output] ?? '').pathname
}

function target(name: string): string {
  return `X-Amz-Target: ${name}`
}

describe('a body that is larger than its service takes is refused before it is sent', () => {
  test.each([
    ['a payload', () => [`POST ${invocations} HTTP/1.1`], 6 * 1024 * 1024, 'RequestTooLargeException'],
    [
      'a request to an API',
      () => [`POST ${pathOf('RestUrl')}bars HTTP/1.1`],
      10 * 1024 * 1024,
      'Request Entity Too Large',
    ],
    [
      'a message',
      () => [`POST ${pathOf('CallbackUrl')}/@connections/abc= HTTP/1.1`],
      128 * 1024,
      'PayloadTooLargeException',
    ],
    [
      'records',
      () => ['POST / HTTP/1.1', target('Kinesis_20131202.PutRecords')],
      16 * 1024 * 1024,
      'RequestEntityTooLargeException',
    ],
    [
      'items',
      () => ['POST / HTTP/1.1', target('DynamoDB_20120810.PutItem')],
      16 * 1024 * 1024,
      'RequestEntityTooLargeException',
    ],
    [
      'a parameter',
      () => ['POST / HTTP/1.1', target('AmazonSSM.PutParameter')],
      1024 * 1024,
      'RequestEntityTooLargeException',
    ],
    [
      'the name of a secret',
      () => ['POST / HTTP/1.1', target('secretsmanager.GetSecretValue')],
      1024 * 1024,
      'RequestEntityTooLargeException',
    ],
    [
      'a question for logs',
      () => ['POST / HTTP/1.1', target('Logs_20140328.FilterLogEvents')],
      1024 * 1024,
      'RequestEntityTooLargeException',
    ],
    ['an object', () => ['PUT /letters/large HTTP/1.1'], 100 * 1024 * 1024, '<Code>EntityTooLarge</Code>'],
    [
      'text for no service',
      () => ['POST / HTTP/1.1', 'Content-Type: text/plain'],
      100 * 1024 * 1024,
      '<Code>EntityTooLarge</Code>',
    ],
    [
      'a request to a service that is not here',
      () => ['POST / HTTP/1.1', target('AmazonSQS.SendMessage')],
      1024 * 1024,
      '"status":413',
    ],
    ["a custom resource's response", () => ['PUT /_custom-resource/any HTTP/1.1'], 4096, '"status":413'],
    ['a question for the health', () => ['POST /_health HTTP/1.1'], 0, '"status":413'],
  ])('%s', async (_, lines, limit, expected) => {
    const [line = '', ...headers] = lines()
    const answered = await answerTo(line, ...headers, `Content-Length: ${limit + 1}`)
    expect(answered).toMatch(/^HTTP\/1\.1 413 /)
    expect(answered).toContain(expected)
  })

  test('an event that nobody waits for, above 1 MB', async () => {
    const send = (bytes: number) =>
      fetch(`${runtime.endpoint}${invocations}`, {
        method: 'POST',
        headers: { 'x-amz-invocation-type': 'Event' },
        body: `"${'x'.repeat(bytes - 2)}"`,
      })
    expect((await send(1024 * 1024)).status).toBe(202)
    const refused = await send(1024 * 1024 + 1)
    expect([refused.status, await refused.text()]).toEqual([
      413,
      expect.stringContaining('smaller than 1048576 bytes'),
    ])
  })
})

describe('malformed percent-encoding is refused', () => {
  test.each(['%', '%zz', '%E0%A4', '%C0%AF', '%ff'])('as a bad request, everywhere: %s', async (bad) => {
    const paths = [
      `/${bad}`,
      `/letters/${bad}`,
      `/letters?prefix=${bad}`,
      `/2015-03-31/functions/${bad}/invocations`,
      `${pathOf('RestUrl')}${bad}`,
      `${pathOf('RestUrl')}bars?symbol=${bad}`,
      `${pathOf('CallbackUrl')}/@connections/${bad}`,
      `/_custom-resource/${bad}`,
      `/_health?${bad}`,
    ]
    for (const path of paths)
      expect([path, await answerTo(`POST ${path} HTTP/1.1`, 'Connection: close')]).toEqual([
        path,
        expect.stringMatching(/^HTTP\/1\.1 400 /),
      ])
    expect(await refusal(`${runtime.outputs['LiveUrl']}?key=${bad}`)).toMatchObject({ status: 400 })
  })
})

describe('names of members that every object has', () => {
  test.each(['__proto__', 'constructor', 'toString', '__proto__.x'])(
    'are as unknown as any other: %s',
    async (name) => {
      const targets = [
        '',
        'secretsmanager.',
        'DynamoDB_20120810.',
        'Kinesis_20131202.',
        'AmazonSSM.',
        'Logs_20140328.',
      ]
      const requests: readonly (readonly string[])[] = [
        ...targets.map((service) => ['POST / HTTP/1.1', target(`${service}${name}`)]),
        [
          `POST / HTTP/1.1`,
          `Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${name}/aws4_request`,
        ],
        [`POST /2015-03-31/functions/${name}/invocations HTTP/1.1`],
        [`GET /${name}/${name} HTTP/1.1`],
        [`GET /letters/${name} HTTP/1.1`],
        [`GET /letters?${name} HTTP/1.1`],
        [`GET ${pathOf('RestUrl')}${name} HTTP/1.1`],
        [`GET /_aws/execute-api/${name}/${name}/x HTTP/1.1`],
        [`GET ${pathOf('CallbackUrl')}/@connections/${name}= HTTP/1.1`],
        [`PUT /_custom-resource/${name} HTTP/1.1`],
      ]
      for (const [line = '', ...headers] of requests) {
        const answered = await answerTo(line, ...headers, 'Connection: close', 'Content-Length: 0')
        expect([line, answered]).toEqual([line, expect.stringMatching(/^HTTP\/1\.1 (4\d\d|501) /)])
        expect(answered).not.toMatch(/\[object|function |native code/)
        if (headers[0] === target(`secretsmanager.${name}`))
          expect(answered).toContain(`does not support ${name} here`)
      }
    },
  )

  test('are no entities of XML, nor are numbers that no character has', async () => {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    const s3 = new S3Client({
      endpoint: runtime.endpoint,
      region: 'us-east-1',
      credentials,
      forcePathStyle: true,
    })
    const Bucket = 'letters'
    for (const Key of ['&__proto__;', '&constructor;', '&#1114112;', '[object Object]'])
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))
    const deleted = await fetch(`${runtime.endpoint}/letters?delete`, {
      method: 'POST',
      body: '<Delete><Object><Key>&__proto__;</Key></Object><Object><Key>&#1114112;</Key></Object></Delete>',
    })
    expect(deleted.status).toBe(200)
    const left = await s3.send(new ListObjectsV2Command({ Bucket }))
    expect(left.Contents?.map(({ Key }) => Key)).toEqual(['&constructor;', '[object Object]'])
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: '&constructor;' }] } }))
  })
})

test('a chunk of negative length is refused, as is one that is longer than the body', async () => {
  for (const body of ['-5\r\nxxxxx\r\n0\r\n\r\n', 'ffffffff\r\nx\r\n0\r\n\r\n']) {
    const put = await fetch(`${runtime.endpoint}/letters/chunked`, {
      method: 'PUT',
      headers: { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' },
      body,
    })
    expect([put.status, await put.text()]).toEqual([400, expect.stringContaining('IncompleteBody')])
  }
})

test('a signature of 200,000 characters is read in no time', async () => {
  const authorization = `Authorization: ${'Credential=x'.repeat(17_000)}`
  // A limit for hanging only: the bound on each part makes it linear.
  expect(await answerTo('POST / HTTP/1.1', authorization, 'Connection: close', 'Content-Length: 0')).toMatch(
    /^HTTP/,
  )
}, 20_000)
