import { globSync, readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { fileURLToPath } from 'node:url'

import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterEach, describe, expect, it } from 'vitest'

import { type HttpLimits, LIMITS, limitedHttp } from '../../../../functions/shared/runtime/limited-http.ts'
import { templateOf } from '../../../support/template.ts'

/** Of the SDK's clients; that of DynamoDB has one more. */
const ATTEMPTS = 3
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
const stops: (() => void)[] = []

afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

/** A server on loopback, and the options of a client that calls it. */
async function serve(answer: RequestListener, limits: HttpLimits) {
  const server = createServer(answer)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  stops.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials,
    requestHandler: limitedHttp(limits),
  }
}

describe('a client with time limits', () => {
  it('gives up on a service that takes its requests and never answers', async () => {
    let requests = 0
    const client = new DynamoDBClient(await serve(() => void requests++, { requestMs: 50 }))
    await expect(client.send(new ListTablesCommand())).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(requests).toBe(ATTEMPTS + 1)
  })

  it('goes on over another connection when the one that it kept was lost', async () => {
    const answered = new WeakSet<object>()
    const client = new DynamoDBClient(
      await serve(
        (request, response) => {
          // As after a freeze: what was open before is dead, without an end of the connection.
          if (answered.has(request.socket)) return
          answered.add(request.socket)
          request.resume()
          response.setHeader('content-type', 'application/x-amz-json-1.0').end('{"TableNames":["a"]}')
        },
        { requestMs: 200 },
      ),
    )
    for (let call = 0; call < 3; call++)
      expect((await client.send(new ListTablesCommand())).TableNames).toEqual(['a'])
  })

  it('gives up on an object whose bytes stop coming', async () => {
    const client = new S3Client({
      ...(await serve(
        (_request, response) => {
          response.writeHead(200, { 'content-length': '1000' }).write('the beginning')
        },
        { requestMs: 5000, idleMs: 50 },
      )),
      forcePathStyle: true,
    })
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'archive', Key: 'object' }))
    await expect(Body?.transformToByteArray()).rejects.toThrow('of inactivity')
  })
})

const FUNCTIONS = fileURLToPath(new URL('../../../../functions', import.meta.url))

describe('the functions', () => {
  it('create no client without time limits', () => {
    const created = globSync('**/*.ts', { cwd: FUNCTIONS }).flatMap((file) =>
      [...readFileSync(`${FUNCTIONS}/${file}`, 'utf8').matchAll(/new (\w+)Client\(([^)]{0,80})/g)].map(
        ([, name, options]) => ({ file, name, options: options ?? '' }),
      ),
    )
    expect(created.length).toBeGreaterThan(20)
    expect(created.filter(({ options }) => !options.includes('requestHandler'))).toEqual([])
  })

  it('have time for all attempts of a request', () => {
    const timeouts = new Map(
      Object.values(
        templateOf({ stage: 'prod', access: 'people' }).findResources('AWS::Lambda::Function'),
      ).map(({ Properties }) => [
        String(Properties.FunctionName).replace('tickstock-prod-', ''),
        Number(Properties.Timeout),
      ]),
    )
    const { dynamodb, kinesis, secretsManager, s3, tickets, cloudwatch } = LIMITS
    const seconds = (limits: HttpLimits) =>
      ((limits === dynamodb || limits === tickets ? ATTEMPTS + 1 : ATTEMPTS) * (limits.requestMs + 1000)) /
      1000
    const used: Readonly<Record<string, readonly HttpLimits[]>> = {
      aggregator: [dynamodb, kinesis, s3],
      sweeper: [dynamodb, kinesis],
      analytics: [dynamodb, kinesis],
      'bar-writer': [secretsManager, s3],
      broadcaster: [dynamodb],
      api: [secretsManager],
      authorizer: [tickets],
      operator: [cloudwatch],
    }
    for (const [part, limits] of Object.entries(used))
      for (const each of limits)
        expect({ part, seconds: seconds(each) < (timeouts.get(part) ?? 0) }).toEqual({ part, seconds: true })
  })
})
