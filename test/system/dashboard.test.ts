import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { embeddedBackend } from '../../bin/dashboard/embedded-backend.ts'
import { type Dashboard, startDashboard } from '../../bin/dashboard/server.ts'
import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { FigureReader } from '../../bin/embedded/figures.ts'
import type { FeedTick } from '../../feed/tick.ts'
import { FLAG_NAMES } from '../../functions/shared/runtime/flag-names.ts'
import { ask, type Asking, signInBy } from '../bin/dashboard/ask.ts'
import { givenUpObject } from '../support/given-up.ts'
import { preparedData } from './support/data-folder.ts'
import { feedTicks } from './support/feed-history.ts'
import { waitFor } from './support/wait-for.ts'

const T = 1_760_106_720
const HOSTILE = '<img src=x onerror=alert(1)>'

let data: string
let deployment: Deployment
let dashboard: Dashboard
let port: number
let cookie: string
let whileStarting: unknown
const figures = new FigureReader()

beforeAll(async () => {
  data = await preparedData()
  const page = join(data, 'page')
  mkdirSync(page, { recursive: true })
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>TickStock</title>')
  dashboard = await startDashboard({
    port: 0,
    pages: Promise.resolve(page),
    onError: (error) => process.stderr.write(`${String(error)}\n`),
  })
  port = Number(new URL(dashboard.url).port)
  cookie = await signInBy(dashboard.newAddress())
  const { status, headers } = await get('/session')
  whileStarting = { status, type: headers['content-type'], retryAfter: headers['retry-after'] }
  deployment = await startDeployment({
    data,
    durability: 'none',
    onLog: ({ text }) => void figures.read(text),
  })
  dashboard.show(embeddedBackend(deployment, { data, figures }))
})

afterAll(async () => {
  await dashboard.stop()
  await deployment.stop()
  rmSync(data, { recursive: true, force: true })
})

const get = (path: string, { headers, ...asking }: Asking = {}) =>
  ask(port, path, { ...asking, headers: { cookie, ...headers } })
const read = async (path: string) => {
  const { status, headers, body } = await get(path)
  expect([status, headers['content-type'], headers['x-content-type-options']]).toEqual([
    200,
    'application/json',
    'nosniff',
  ])
  return JSON.parse(body)
}
const change = async (method: string, path: string, body: unknown) => {
  const headers = { origin: `http://localhost:${port}`, 'content-type': 'application/json' }
  const answer = await get(path, { method, headers, body: JSON.stringify(body) })
  return { status: answer.status, ...JSON.parse(answer.body) }
}
const direct = async (path: string) =>
  await fetch(`${deployment.api.url}${path}`, { headers: { 'x-api-key': deployment.api.key } })

/** Puts a record on the stream `ticks` as it stands. */
async function put(partitionKey: string, text: string): Promise<void> {
  const { environment, endpoint } = deployment.runtime
  const kinesis = new KinesisClient({
    ...clientOf(environment),
    endpoint,
    requestHandler: new NodeHttpHandler(),
  })
  const record = { StreamName: deployment.ticksStream, PartitionKey: partitionKey, Data: Buffer.from(text) }
  await kinesis.send(new PutRecordCommand(record))
  await deployment.settle()
}

function clientOf(environment: NodeJS.ProcessEnv) {
  const {
    AWS_REGION: region = '',
    AWS_ACCESS_KEY_ID: accessKeyId = '',
    AWS_SECRET_ACCESS_KEY: secret = '',
  } = environment
  return { region, credentials: { accessKeyId, secretAccessKey: secret } }
}

describe('the dashboard of a deployment', () => {
  it('says who is signed in, and before the deployment is up that it starts', async () => {
    expect(whileStarting).toEqual({ status: 503, type: 'application/problem+json', retryAfter: '1' })
    expect(await read('/session')).toEqual({
      stage: 'local',
      role: 'operator',
      version: expect.stringMatching(/^\d/),
      api: deployment.api.url,
    })
    expect((await get('/')).body).toContain('<title>TickStock</title>')
  })

  it('answers /v1 as the API does, errors included, and without a key of the page', async () => {
    await feedTicks(deployment, ticks('BRK/B', [0, 1, 61]))
    for (const path of [
      '/v1/bars/BRK%2FB?start=2025-10-10&end=2025-10-11',
      '/v1/bars?symbols=A&limit=0',
      '/v1/nothing',
      '/v1/openapi.json',
    ]) {
      const [proxied, own] = await Promise.all([get(path), direct(path)])
      expect([
        proxied.status,
        proxied.headers['content-type'],
        proxied.headers['etag'],
        proxied.body,
      ]).toEqual([
        own.status,
        own.headers.get('content-type'),
        own.headers.get('etag') ?? undefined,
        await own.text(),
      ])
      expect(proxied.headers['x-content-type-options']).toBe('nosniff')
    }
    const { body, headers } = await get('/v1/bars/BRK%2FB?start=2025-10-10&end=2025-10-11')
    expect(JSON.parse(body).bars).toHaveLength(2)
    const same = await get('/v1/bars/BRK%2FB?start=2025-10-10&end=2025-10-11', {
      headers: { 'if-none-match': headers['etag'] ?? '' },
    })
    expect(same.status).toBe(304)
    expect((await change('POST', '/v1/bars', {})).status).toBe(405)
  })

  it('leads /docs to the view of the API', async () => {
    const { status, headers } = await get('/docs')
    expect([status, headers['location']]).toEqual([302, '/#/api'])
    expect((await change('POST', '/docs', {})).status).toBe(405)
  })

  it('sends a request that has a key with that key, and lets the API decide what it may', async () => {
    const withKey = async (key: string, path: string, asking: Asking = {}) =>
      await get(path, { ...asking, headers: { 'x-api-key': key, ...asking.headers } })
    const wrong = await withKey('x'.repeat(40), '/v1/symbols')
    expect([wrong.status, JSON.parse(wrong.body).type]).toEqual([401, 'urn:tickstock:bad-key'])
    const { key } = deployment.api
    expect((await withKey(key, '/v1/symbols')).status).toBe(200)
    const headers = { origin: `http://localhost:${port}`, 'content-type': 'application/json' }
    const job = await withKey(key, '/v1/jobs', {
      method: 'POST',
      headers,
      body: JSON.stringify({ symbols: ['MSFT'], from: '2025-10-10', to: '2025-10-11' }),
    })
    expect([job.status, JSON.parse(job.body).type]).toEqual([403, 'urn:tickstock:not-operator'])
  })

  it('submits and cancels jobs for who is signed in, and records it', async () => {
    const body = { symbols: ['MSFT'], from: '2025-10-10', to: '2025-10-11' }
    const submitted = await change('POST', '/v1/jobs', body)
    expect(submitted).toMatchObject({
      status: 202,
      submitted_by: 'operator on this machine',
      symbol_count: 1,
    })
    const { id } = submitted
    expect((await read('/v1/jobs')).jobs).toMatchObject([{ id }])
    await waitFor(async () => (await read(`/v1/jobs/${id}`)).state === 'done', 'the job to be done')
    expect(await change('DELETE', `/v1/jobs/${id}`, {})).toMatchObject({
      status: 409,
      type: 'urn:tickstock:job-ended',
    })
    expect(await change('POST', '/v1/jobs', {})).toMatchObject({
      status: 400,
      detail: expect.stringContaining('symbols is missing'),
    })
    expect((await get('/v1/jobs/none')).status).toBe(404)
    // A page of another origin, whatever cookie it gets sent.
    const foreign = { headers: { origin: 'https://evil.example', 'content-type': 'application/json' } }
    expect((await get('/v1/jobs', { method: 'POST', body: JSON.stringify(body), ...foreign })).status).toBe(
      403,
    )
    expect((await read('/actions')).items).toMatchObject([{ what: `job submitted: ${id}` }])
  })

  it('sends a page the records of its subscription, and passes its close on', async () => {
    const socket = new WebSocket(`ws://localhost:${port}/live`, {
      headers: { cookie, origin: `http://localhost:${port}` },
    })
    const messages: string[] = []
    socket.addEventListener('message', ({ data: text }) => messages.push(String(text)))
    await once(socket, 'open')
    socket.send('{"action":"subscribe","symbols":["WEB"],"types":["bar"]}')
    await waitFor(() => messages.length > 0, 'the answer')
    expect(JSON.parse(messages[0] ?? '')).toMatchObject({ type: 'subscribed', symbols: ['WEB'] })
    await feedTicks(deployment, ticks('WEB', [0, 30, 61]))
    await waitFor(() => messages.length > 1, 'a bar')
    expect(JSON.parse(messages[1] ?? '')[0]).toMatchObject({ type: 'bar', symbol: 'WEB', close: '102' })
    socket.close(4000)
    await once(socket, 'close')
  })

  it('shows the figures of the system', async () => {
    await waitFor(() => figures.get().bars >= 3, 'the metrics')
    const system = await read('/system')
    const { ticks: ticksTotal, bars } = figures.get()
    expect(system).toMatchObject({
      now: expect.any(Number),
      costSoFar: { usd: 0, note: expect.stringContaining('runs on this machine') },
    })
    expect(Object.keys(system.metrics).toSorted()).toEqual(
      'bars duplicates incomplete late missing rejected revised ticksPerSecond ticksTotal'.split(' '),
    )
    expect(system.metrics).toMatchObject({ ticksTotal, bars, rejected: 0 })
    expect(system.latency.bar).toEqual({ p50: expect.any(Number), p99: expect.any(Number) })
    expect(system.lag).toContainEqual({
      part: 'aggregator',
      ms: expect.any(Number),
      records: expect.any(Number),
    })
    expect(new Set(system.lag.map(({ part }: { part: string }) => part)).size).toBe(system.lag.length)
    expect(system.flags.map(({ name }: { name: string }) => name)).toEqual([...FLAG_NAMES])
    for (const flag of system.flags)
      expect(flag).toEqual({ name: flag.name, value: 'on', about: expect.any(String) })
  })

  it('sets a flag, and records who did', async () => {
    expect(await change('PUT', '/flags/analytics', { value: 'off' })).toEqual({ status: 200, done: true })
    const flags = (await read('/system')).flags
    expect(flags).toContainEqual(expect.objectContaining({ name: 'analytics', value: 'off' }))
    await change('PUT', '/flags/analytics', { value: 'on' })
    expect((await read('/actions')).items.slice(0, 2)).toEqual([
      { at: expect.any(Number), who: 'operator on this machine', what: 'flag analytics on' },
      { at: expect.any(Number), who: 'operator on this machine', what: 'flag analytics off' },
    ])
  })
})

describe('the dead letters', () => {
  it('are shown with reason and text as they came, however hostile', async () => {
    expect(await read('/dead-letters')).toEqual({ items: [], more: false })
    await put(HOSTILE, HOSTILE)
    await put('BAD', JSON.stringify({ symbol: 'BAD', price: '-1', volume: '1', timestamp: T }))
    const { items, more } = await read('/dead-letters?limit=50')
    expect(more).toBe(false)
    expect(items).toHaveLength(2)
    expect(items).toContainEqual({
      key: expect.stringMatching(/^rejected\/tickstock-local-ticks\//),
      at: expect.any(Number),
      stream: 'tickstock-local-ticks',
      symbol: HOSTILE,
      reason: 'not-json',
      detail: expect.any(String),
      records: 1,
      text: HOSTILE,
    })
    expect(items).toContainEqual(expect.objectContaining({ symbol: 'BAD', reason: 'bad-price' }))
    const first = await read('/dead-letters?limit=1')
    expect(first).toEqual({ items: [items[0]], more: true })
  })

  it('are redriven and discarded, which is recorded', async () => {
    const [one, two] = (await read('/dead-letters')).items
    expect(await change('POST', '/dead-letters/discard', { key: one.key })).toEqual({
      status: 200,
      done: true,
    })
    expect(await change('POST', '/dead-letters/redrive', { key: two.key })).toEqual({
      status: 200,
      done: true,
    })
    await deployment.settle()
    // It is rejected again.
    const { items } = await read('/dead-letters')
    expect(items).toEqual([expect.objectContaining({ symbol: two.symbol, reason: two.reason })])
    expect(items[0].key).not.toBe(two.key)
    expect((await read('/actions')).items.slice(0, 2).map(({ what }: { what: string }) => what)).toEqual([
      `dead letter redriven: ${two.key}`,
      `dead letter discarded: ${one.key}`,
    ])
    await change('POST', '/dead-letters/discard', { key: items[0].key })
  })

  it('that are not there, or may have been applied, are refused', async () => {
    const { items: before } = await read('/actions')
    for (const key of ['nothing', 'redrive/journal.json', '../flags'])
      for (const what of ['redrive', 'discard'])
        expect(await change('POST', `/dead-letters/${what}`, { key })).toMatchObject({
          status: 404,
          type: 'urn:tickstock:no-dead-letter',
        })
    await feedTicks(deployment, ticks('SEEN', [0]))
    const text = JSON.stringify(ticks('SEEN', [1])[0])
    const failed = { partitionKey: 'SEEN', sequenceNumber: '1', data: Buffer.from(text), arrivedAt: T * 1000 }
    const shards = [0, 1].map((shard) => `shardId-00000000000${shard}`)
    for (const shard of shards) await putObject(givenUpObject('tickstock-local-ticks', [failed], shard))
    const { items } = await read('/dead-letters')
    expect(items.map(({ reason }: { reason: string }) => reason)).toEqual([
      'RecordAgeExceeded',
      'RecordAgeExceeded',
    ])
    const answers = []
    for (const { key } of items) answers.push(await change('POST', '/dead-letters/redrive', { key }))
    expect(answers.filter(({ status }) => status === 409)).toEqual([
      expect.objectContaining({ type: 'urn:tickstock:may-be-applied' }),
    ])
    expect((await read('/actions')).items).toHaveLength(before.length + 1)
  })

  it.each(['0', '201', 'x', '1.5', ''])('a limit of %j is refused', async (limit) => {
    expect((await get(`/dead-letters?limit=${limit}`)).status).toBe(400)
  })
})

async function putObject({ key, body }: { readonly key: string; readonly body: string }): Promise<void> {
  const { environment, endpoint, outputs } = deployment.runtime
  const s3 = new S3Client({ ...clientOf(environment), endpoint, forcePathStyle: true })
  await s3.send(new PutObjectCommand({ Bucket: outputs['DeadLetterBucket'], Key: key, Body: body }))
}

/** Ticks of whole seconds after the beginning of a minute, at prices that follow the second. */
function ticks(symbol: string, seconds: readonly number[]): FeedTick[] {
  return seconds.map((second) => ({
    symbol,
    price: String(100 + (second % 7)),
    volume: '1',
    timestamp: String(T + second),
  }))
}

async function once(socket: WebSocket, event: 'open' | 'close'): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener(event, () => resolve(), { once: true })
    socket.addEventListener('error', () => reject(new Error(`no ${event}`)), { once: true })
  })
}
