import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs'
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  KinesisClient,
  ListStreamsCommand,
  PutRecordCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis'
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda'
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import {
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRuntime } from './index.ts'
import type { Runtime } from './index.ts'
import { assemblyOf, eventually, temporaryFolder } from './testing/helpers.ts'

const template = {
  Resources: {
    Echo: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'echo',
        Code: { S3Bucket: 'assets', S3Key: 'code.zip' },
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Environment: { Variables: { COLOUR: 'blue', AWS_ENDPOINT_URL_SQS: 'https://queue.example' } },
      },
    },
    Store: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'store' } },
    Login: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'login', SecretString: 'hush' } },
    Colour: {
      Type: 'AWS::SSM::Parameter',
      Properties: { Name: '/app/colour', Type: 'String', Value: 'blue', AllowedPattern: '^(blue|red)$' },
    },
    Words: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        TableName: 'words',
        AttributeDefinitions: [{ AttributeName: 'word', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'word', KeyType: 'HASH' }],
      },
    },
    In: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'in', ShardCount: 1 } },
  },
}

const source = `export const handler = async (event) => {
  if (event.fail) throw new RangeError('as told')
  console.log(JSON.stringify(event))
  return { got: event }
}`

describe('gateway', () => {
  let runtime: Runtime
  const lines: string[] = []
  const data = temporaryFolder({}, afterAll)
  const assembly = assemblyOf(template, { 'asset.code/index.mjs': source }, afterAll)
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const config = () => ({ endpoint: runtime.endpoint, region: 'us-east-1', credentials })

  beforeAll(async () => {
    runtime = await startRuntime({ assembly, data, onLog: ({ text: line }) => lines.push(line) })
  })
  afterAll(() => runtime.stop())

  describe('S3', () => {
    const s3 = () => new S3Client({ ...config(), forcePathStyle: true })
    const Bucket = 'store'

    test('gives back what was put, with its headers', async () => {
      const Body = randomBytes(100_000)
      const put = await s3().send(
        new PutObjectCommand({
          Bucket,
          Key: 'a/b c.bin',
          Body,
          ContentType: 'x/y',
          Metadata: { colour: 'blue' },
        }),
      )
      const got = await s3().send(new GetObjectCommand({ Bucket, Key: 'a/b c.bin' }))
      expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(Body)
      expect(got).toMatchObject({ ContentType: 'x/y', Metadata: { colour: 'blue' }, ETag: put.ETag })
      const head = await s3().send(new HeadObjectCommand({ Bucket, Key: 'a/b c.bin' }))
      expect(head).toMatchObject({ ContentLength: 100_000, ETag: put.ETag })
      expect(existsSync(join(data, 's3/store/objects/a+/b%20c.bin'))).toBe(true)
    })

    test('takes a stream in aws-chunked encoding, with a checksum trailer', async () => {
      const Body = Readable.from([Buffer.alloc(70_000, 'a'), Buffer.from('end')])
      const ContentLength = 70_003
      await s3().send(
        new PutObjectCommand({ Bucket, Key: 'chunked', Body, ContentLength, ChecksumAlgorithm: 'SHA256' }),
      )
      const got = await s3().send(new GetObjectCommand({ Bucket, Key: 'chunked' }))
      expect(await got.Body?.transformToString()).toBe(`${'a'.repeat(70_000)}end`)
      expect(got.ContentEncoding).toBeUndefined()
    })

    test('lists in pages, by prefix and by folder, and deletes', async () => {
      const keys = ['list/a', 'list/b&<c>', 'list/d/e', 'list/d/f', 'list/é']
      await Promise.all(keys.map((Key) => s3().send(new PutObjectCommand({ Bucket, Key, Body: Key }))))
      const found: (string | undefined)[] = []
      const pages = paginateListObjectsV2({ client: s3(), pageSize: 2 }, { Bucket, Prefix: 'list/' })
      for await (const page of pages) found.push(...(page.Contents ?? []).map(({ Key }) => Key))
      expect(found).toEqual(keys)
      const folders = await s3().send(new ListObjectsV2Command({ Bucket, Prefix: 'list/', Delimiter: '/' }))
      expect(folders.CommonPrefixes).toEqual([{ Prefix: 'list/d/' }])
      expect(folders.KeyCount).toBe(4)
      await s3().send(new DeleteObjectCommand({ Bucket, Key: 'list/a' }))
      const Objects = keys.slice(1, -1).map((Key) => ({ Key }))
      await s3().send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
      const left = await s3().send(new ListObjectsV2Command({ Bucket, Prefix: 'list/' }))
      expect(left.Contents?.map(({ Key }) => Key)).toEqual(['list/é'])
    })

    test('says what is missing, and what it cannot do', async () => {
      await expect(s3().send(new GetObjectCommand({ Bucket, Key: 'nothing' }))).rejects.toThrow(
        'no object nothing',
      )
      await expect(s3().send(new ListObjectsV2Command({ Bucket: 'other' }))).rejects.toThrow(
        'no bucket other',
      )
      await s3().send(new PutObjectCommand({ Bucket, Key: 'once', Body: '1' }))
      const again = new PutObjectCommand({ Bucket, Key: 'once', Body: '2', IfNoneMatch: '*' })
      await expect(s3().send(again)).rejects.toThrow('once exists')
      const acl = await fetch(`${runtime.endpoint}/store/once?acl`)
      expect([acl.status, await acl.text()]).toEqual([501, expect.stringContaining('acl is not implemented')])
      const escape = await fetch(`${runtime.endpoint}/store/..%2F..%2Fsecrets.json`)
      expect(escape.status).toBe(404)
    })

    test('lists the buckets with when they were made', async () => {
      const { Buckets } = await s3().send(new ListBucketsCommand({}))
      expect(Buckets).toEqual([{ Name: Bucket, CreationDate: expect.any(Date) }])
    })

    test('takes the bucket from the host name', async () => {
      await s3().send(new PutObjectCommand({ Bucket, Key: 'by-host', Body: 'found' }))
      const answer = await new Promise<string>((resolve, reject) => {
        const headers = { host: 'store.s3.localhost:4566' }
        request(`${runtime.endpoint}/by-host`, { headers }, (response) => resolve(text(response)))
          .on('error', reject)
          .end()
      })
      expect(answer).toBe('found')
    })
  })

  describe('Lambda', () => {
    const lambda = () => new LambdaClient(config())
    const payloadOf = (bytes: Uint8Array | undefined) =>
      JSON.parse(Buffer.from(bytes ?? []).toString() || 'null')

    test('invokes a function and gives its result or its error', async () => {
      const good = await lambda().send(new InvokeCommand({ FunctionName: 'echo', Payload: '{"n":1}' }))
      expect([good.FunctionError, payloadOf(good.Payload)]).toEqual([undefined, { got: { n: 1 } }])
      const bad = await lambda().send(new InvokeCommand({ FunctionName: 'echo', Payload: '{"fail":1}' }))
      expect(bad.FunctionError).toBe('Unhandled')
      expect(payloadOf(bad.Payload)).toMatchObject({ errorType: 'RangeError', errorMessage: 'as told' })
    })

    test('does not wait for an Event invocation', async () => {
      const sent = await lambda().send(
        new InvokeCommand({ FunctionName: 'echo', InvocationType: 'Event', Payload: '{"later":1}' }),
      )
      expect(sent.StatusCode).toBe(202)
      await eventually('the event to arrive', () => lines.includes('{"later":1}'))
    })

    test('knows its functions', async () => {
      await waitUntilFunctionActiveV2({ client: lambda(), maxWaitTime: 5 }, { FunctionName: 'echo' })
      await expect(lambda().send(new InvokeCommand({ FunctionName: 'nobody' }))).rejects.toThrow(
        'Function not found: nobody',
      )
      const { Functions } = await lambda().send(new ListFunctionsCommand({}))
      expect(Functions).toMatchObject([{ FunctionName: 'echo', State: 'Active' }])
    })
  })

  test('Lambda tells how a function is configured, with the variables that its template declares', async () => {
    const lambda = new LambdaClient(config())
    expect(await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'echo' }))).toMatchObject({
      FunctionName: 'echo',
      Handler: 'index.handler',
      Environment: { Variables: { COLOUR: 'blue', AWS_ENDPOINT_URL_SQS: 'https://queue.example' } },
    })
  })

  test('CloudWatch Logs gives what the functions printed, in pages, by time and by term', async () => {
    const logs = new CloudWatchLogsClient(config())
    const from = Date.now()
    for (const number of [1, 2, 3]) await runtime.invoke('echo', { number })
    await runtime.invoke('echo', { other: true })
    // What a worker prints comes by another way than its result, in order.
    await eventually('the last line to arrive', () => lines.includes('{"other":true}'))
    const read = async (span: { startTime?: number; endTime?: number }) => {
      const pages = paginateFilterLogEvents(
        { client: logs, pageSize: 2 },
        { logGroupName: '/aws/lambda/echo', filterPattern: '"number"', ...span },
      )
      const messages: (string | undefined)[] = []
      for await (const { events = [] } of pages) messages.push(...events.map(({ message }) => message))
      return messages
    }
    expect(await read({ startTime: from })).toEqual(['{"number":1}', '{"number":2}', '{"number":3}'])
    expect(await read({ endTime: from })).toEqual([])
    const groups = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda/e' }))
    expect(groups.logGroups).toMatchObject([{ logGroupName: '/aws/lambda/echo' }])
    await expect(logs.send(new DescribeLogGroupsCommand({ logGroupNamePattern: 'echo' }))).rejects.toThrow(
      /logGroupNamePattern/,
    )
  })

  test('Secrets Manager gives a secret by name and ARN', async () => {
    const client = new SecretsManagerClient(config())
    const { SecretList } = await client.send(new ListSecretsCommand({}))
    const arn = SecretList?.[0]?.ARN
    for (const SecretId of ['login', arn, arn?.slice(0, -7)]) {
      expect(await client.send(new GetSecretValueCommand({ SecretId }))).toMatchObject({
        SecretString: 'hush',
      })
    }
    await expect(client.send(new GetSecretValueCommand({ SecretId: 'x' }))).rejects.toThrow(
      "can't find the secret x",
    )
  })

  test('SSM gives parameters by name and path, and takes new ones', async () => {
    const ssm = async (operation: string, input: unknown): Promise<unknown> => {
      const response = await fetch(runtime.endpoint, {
        method: 'POST',
        headers: { 'x-amz-target': `AmazonSSM.${operation}`, 'content-type': 'application/x-amz-json-1.1' },
        body: JSON.stringify(input),
      })
      return await response.json()
    }
    expect(await ssm('GetParameter', { Name: '/app/colour' })).toMatchObject({ Parameter: { Value: 'blue' } })
    expect(await ssm('PutParameter', { Name: '/app/size', Value: '3', Type: 'String' })).toMatchObject({
      Version: 1,
    })
    expect(await ssm('PutParameter', { Name: '/app/size', Value: '4' })).toMatchObject({
      __type: 'ParameterAlreadyExists',
    })
    const green = { Name: '/app/colour', Value: 'green', Overwrite: true }
    expect(await ssm('PutParameter', green)).toMatchObject({
      __type: 'ParameterPatternMismatchException',
      message: 'Parameter /app/colour cannot be "green": its AllowedPattern is ^(blue|red)$.',
    })
    expect(await ssm('PutParameter', { ...green, Value: 'red' })).toMatchObject({ Version: 2 })
    expect(await ssm('PutParameter', green)).toMatchObject({ __type: 'ParameterPatternMismatchException' })
    expect(await ssm('GetParametersByPath', { Path: '/app' })).toMatchObject({
      Parameters: [{ Name: '/app/colour' }, { Name: '/app/size', Value: '3' }],
    })
    expect(await ssm('GetParameters', { Names: ['/app/size', '/no'] })).toMatchObject({
      InvalidParameters: ['/no'],
    })
    expect(await ssm('DeleteParameter', {})).toMatchObject({ __type: 'UnknownOperationException' })
  })

  test('leads to DynamoDB and Kinesis', async () => {
    const dynamodb = new DynamoDBClient(config())
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: 'words' }))
    expect(Table?.TableStatus).toBe('ACTIVE')
    const kinesis = new KinesisClient({ ...config(), requestHandler: new NodeHttpHandler() })
    expect((await kinesis.send(new ListStreamsCommand({}))).StreamNames).toEqual(['in'])
    dynamodb.destroy()
    kinesis.destroy()
  })

  test("serves the SDK's Kinesis client as it is, which speaks HTTP/2", async () => {
    const kinesis = new KinesisClient(config())
    const StreamName = 'in'
    const puts = Array.from({ length: 50 }, (_, index) =>
      kinesis.send(
        new PutRecordCommand({ StreamName, PartitionKey: 'a', Data: Buffer.alloc(10_000, index) }),
      ),
    )
    expect(new Set((await Promise.all(puts)).map(({ SequenceNumber }) => SequenceNumber)).size).toBe(50)
    await expect(
      kinesis.send(new PutRecordCommand({ StreamName: 'none', PartitionKey: 'a', Data: Buffer.of(1) })),
    ).rejects.toThrow(ResourceNotFoundException)
    kinesis.destroy()
  })

  test.each([
    ['h2c', '/_health', 200],
    ['h2c', '/_aws/execute-api/none/prod', 403],
    ['websocket', '/_health', 200],
  ])(
    'answers what is no client of a WebSocket API as if it asked for no upgrade: %s at %s',
    async (...given) => {
      const [upgrade, path, status] = given
      const headers = { connection: 'Upgrade', upgrade }
      const [response] = await once(request(`${runtime.endpoint}${path}`, { headers }).end(), 'response')
      expect(response.statusCode).toBe(status)
      response.resume()
    },
  )

  test('gives upgrades that somebody else wants to them, but those of web pages', async () => {
    runtime.takeUpgrades({
      wants: ({ url }) => url === '/elsewhere',
      take: (_request, stream) =>
        stream.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
    })
    const headers = { connection: 'Upgrade', upgrade: 'websocket' }
    const ask = (more: Readonly<Record<string, string>>) =>
      request(`${runtime.endpoint}/elsewhere`, { headers: { ...headers, ...more } }).end()
    const [switched] = await once(ask({}), 'upgrade')
    expect(switched.statusCode).toBe(101)
    const [refused] = await once(ask({ origin: 'https://example.com' }), 'response')
    expect(refused.statusCode).toBe(403)
    refused.resume()
  })

  test('names a service that it does not serve', async () => {
    const headers = {
      authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, x',
    }
    const response = await fetch(runtime.endpoint, { method: 'POST', headers })
    expect(response.status).toBe(501)
    expect(await response.json()).toEqual({
      message: expect.stringMatching(/^The service sqs is not served here/),
    })
    const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
    const inXml = await fetch(runtime.endpoint, { method: 'POST', headers: form })
    expect(await inXml.text()).toContain('<Message>The service sqs is not served here')
  })
})
