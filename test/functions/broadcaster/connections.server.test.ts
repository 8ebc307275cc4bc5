import { createServer, type Server } from 'node:http'
import { once } from 'node:events'

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'

import { type Connections, createConnections } from '../../../functions/broadcaster/connections.ts'
import { createManagementClient } from '../../../functions/broadcaster/management-client.ts'
import { Patience } from '../../../functions/broadcaster/patience.ts'

/** What the server answers, one after the other; the last for ever. */
let answers: (number | 'nothing')[] = []
let asked: string[] = []
let server: Server
let connections: Connections

const NAMES: Readonly<Record<number, string>> = {
  403: 'ForbiddenException',
  410: 'GoneException',
  413: 'PayloadTooLargeException',
  429: 'LimitExceededException',
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      asked.push([request.method, request.url, Buffer.concat(chunks).toString()].join(' '))
      const status = (answers.length > 1 ? answers.shift() : answers[0]) ?? 200
      if (status === 'nothing') return
      response.writeHead(status, { 'x-amzn-errortype': NAMES[status] ?? 'InternalServerError' })
      response.end('{}')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  vi.stubEnv('AWS_REGION', 'us-east-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  vi.stubEnv('AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI', `http://127.0.0.1:${port}/local`)
  connections = createConnections(createManagementClient())
})

afterEach(() => {
  answers = []
  asked = []
})

afterAll(async () => {
  vi.unstubAllEnvs()
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

describe('API Gateway’s connections', () => {
  it('are found by the SDK’s own variable, and get the very text', async () => {
    expect(await connections.post('Xa1=', '["é"]')).toEqual({ type: 'sent' })
    expect(await connections.end('Xa1=')).toEqual({ type: 'ended' })
    expect(asked).toEqual(['POST /local/@connections/Xa1%3D ["é"]', 'DELETE /local/@connections/Xa1%3D '])
  })

  it('are gone, or have ended, by 410, at once', async () => {
    answers = [410]
    expect(await connections.post('A', '[]')).toEqual({ type: 'gone' })
    expect(await connections.end('A')).toEqual({ type: 'ended' })
    expect(asked).toHaveLength(2)
  })

  it('are tried three times without an answer, and three times longer where nobody has got one', async () => {
    answers = ['nothing', 'nothing', 200]
    expect(await connections.post('A', '[1]')).toEqual({ type: 'sent' })
    expect(asked).toHaveLength(3)
    const limits = { least: 100, alone: 200, most: 400 }
    const alone = createConnections(createManagementClient(), new Patience(limits))
    answers = ['nothing']
    expect(await alone.post('A', '[2]')).toMatchObject({ type: 'failed', error: { name: 'TimeoutError' } })
    expect(asked).toHaveLength(9)
    expect(await alone.post('A', '[3]')).toMatchObject({ type: 'failed' })
  })

  it.each([429, 500, 503] as const)('are tried three times at %s', async (answer) => {
    answers = [answer, answer, 200]
    expect(await connections.post('A', '[1]')).toEqual({ type: 'sent' })
    expect(asked).toEqual(Array.from({ length: 3 }, () => 'POST /local/@connections/A [1]'))
    answers = [answer]
    expect(await connections.post('A', '[2]')).toMatchObject({ type: 'failed', error: expect.any(Error) })
    expect(asked).toHaveLength(6)
  })

  it.each([403, 413])('fail at once by %s, which no second try mends', async (answer) => {
    answers = [answer]
    expect(await connections.post('A', '[]')).toMatchObject({
      type: 'failed',
      error: { name: NAMES[answer] },
    })
    expect(await connections.end('A')).toMatchObject({ type: 'failed' })
    expect(asked).toHaveLength(2)
  })
})
