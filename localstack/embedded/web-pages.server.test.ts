import { once } from 'node:events'
import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { text } from 'node:stream/consumers'
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient } from '@aws-sdk/client-kinesis'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startRuntime } from './index.ts'
import type { Runtime } from './index.ts'
import { connect, refusal } from './services/api-gateway-v2/web-socket-client.ts'
import { attackedApp, attacksOn, SECRET } from './testing/attacked-app.ts'
import type { Attack } from './testing/attacked-app.ts'
import { browserProgram, openWebSocket, sendFromPage, showImage, startBrowser } from './testing/browser.ts'
import { temporaryFolder } from './testing/helpers.ts'
import { listeningPorts } from './testing/listening-ports.ts'
import { synthesize } from './testing/synthesize.ts'

let runtime: Runtime
let opened: readonly number[] = []
const lines: string[] = []
const assembly = synthesize(attackedApp, afterAll)
const data = temporaryFolder({}, afterAll)

beforeAll(async () => {
  const before = new Set(listeningPorts(process.pid))
  runtime = await startRuntime({ assembly, data, onLog: ({ text: line }) => lines.push(line) })
  opened = listeningPorts(process.pid).filter((port) => !before.has(port))
  await s3().send(new PutObjectCommand({ Bucket: 'letters', Key: 'letter', Body: SECRET }))
})
afterAll(() => runtime.stop())

function config() {
  return {
    endpoint: runtime.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  }
}

function s3(): S3Client {
  return new S3Client({ ...config(), forcePathStyle: true })
}

type Answer = {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

function send(port: number, { method, path, headers, body }: Attack): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      const { statusCode: status, headers: given } = response
      resolve(text(response).then((read) => ({ status, headers: given, body: read })))
    })
      .on('error', reject)
      .end(body)
  })
}

async function expectNothingHappened(): Promise<void> {
  const letter = await s3().send(new GetObjectCommand({ Bucket: 'letters', Key: 'letter' }))
  expect(await letter.Body?.transformToString()).toBe(SECRET)
  const kinesis = new KinesisClient(config())
  const start = { ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' } as const
  const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand({ StreamName: 'ticks', ...start }))
  expect((await kinesis.send(new GetRecordsCommand({ ShardIterator }))).Records).toEqual([])
  kinesis.destroy()
  expect((await runtime.functions())['victim']?.invocations).toBe(0)
  expect(lines).toEqual([])
}

/** What browsers add to the requests of a page, one header each: each alone has to do. */
const signs: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['a foreign host', { host: 'rebound.example:4566' }],
  ['a foreign origin', { origin: 'http://evil.example' }],
  ['an origin on this machine', { origin: 'http://127.0.0.1:3000' }],
  ['an opaque origin', { origin: 'null' }],
  ['Sec-Fetch-Site: cross-site', { 'sec-fetch-site': 'cross-site' }],
  ['Sec-Fetch-Site: same-site', { 'sec-fetch-site': 'same-site' }],
]

test('the runtime opens one port, on which all services answer', () => {
  expect(opened).toEqual([Number(new URL(runtime.endpoint).port)])
})

describe.each(signs)('with %s, on every port of the process', (_, sign) => {
  test('no request does or reads anything', async () => {
    for (const port of opened)
      for (const attack of attacksOn(runtime.outputs)) {
        const { status, headers, body } = await send(port, {
          ...attack,
          headers: { ...attack.headers, ...sign },
        })
        expect([attack.name, status]).toEqual([attack.name, 403])
        expect(body).toContain('"status":403')
        expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
      }
    await expectNothingHappened()
  })

  test('no WebSocket opens', async () => {
    const url = runtime.outputs['LiveUrl'] ?? ''
    expect(await refusal(url, { headers: sign })).toMatchObject({ status: 403 })
    await expectNothingHappened()
  })

  test('no stream of HTTP/2 is served', async () => {
    for (const port of opened) {
      const session = connectHttp2(`http://127.0.0.1:${port}`)
      const { host, ...others } = sign
      const stream = session.request({ ':path': '/_health', ...(host && { ':authority': host }), ...others })
      const status = new Promise((resolve) => {
        stream.on('response', (headers) => resolve(headers[':status']))
      })
      expect(await status).toBe(403)
      expect(await text(stream)).toContain('"status":403')
      session.destroy()
    }
  })
})

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const why = browserProgram === undefined ? ' (not run: no chromium or google-chrome in the PATH)' : ''

describe.skipIf(browserProgram === undefined)(`in a browser${why}`, () => {
  const evil = 'evil.example'
  const rebound = 'rebound.example'
  let browser: Browser
  let site: Server

  beforeAll(async () => {
    browser = await startBrowser(browserProgram ?? '', [evil, rebound])
    site = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>A page</title>')
    }).listen(0, '127.0.0.1')
    await once(site, 'listening')
  })
  afterAll(async () => {
    await browser.close()
    site.close()
  })

  test.each(['localhost', '127.0.0.1', evil])(
    'a page of another origin does and reads nothing: %s',
    async (host) => {
      const page = await browser.newPage()
      await page.goto(`http://${host}:${portOf(site)}/`)
      for (const attack of attacksOn(runtime.outputs))
        expect(await sendFromPage(page, `${runtime.endpoint}${attack.path}`, attack)).not.toMatch(
          /^[12]|hush|\| [12]/,
        )
      expect(await openWebSocket(page, runtime.outputs['LiveUrl'] ?? '')).toBe('refused')
      await page.close()
      await expectNothingHappened()
    },
  )

  test('a page whose name is made to lead here does and reads nothing, though it is of the same origin', async () => {
    const page = await browser.newPage()
    const own = `http://${rebound}:${new URL(runtime.endpoint).port}`
    expect((await page.goto(`${own}/_health`))?.status()).toBe(403)
    for (const attack of attacksOn(runtime.outputs))
      expect(await sendFromPage(page, `${own}${attack.path}`, attack)).toMatch(/^403 .* \| (403 |kept)/)
    const live = new URL(runtime.outputs['LiveUrl'] ?? '')
    expect(await openWebSocket(page, `ws://${rebound}:${live.port}${live.pathname}`)).toBe('refused')
    await page.close()
    await expectNothingHappened()
  })

  test('an image and a form do nothing either', async () => {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${portOf(site)}/`)
    const invocations = `${runtime.endpoint}/2015-03-31/functions/victim/invocations`
    const image = await showImage(page, invocations)
    expect(image).toBe('refused')
    await page.setContent(
      `<form method="post" enctype="text/plain" action="${invocations}"><input name="{}"></form>`,
    )
    const [response] = await Promise.all([
      page.waitForResponse(invocations),
      page.evaluate('document.querySelector("form").submit()'),
    ])
    expect(response.status()).toBe(403)
    await page.close()
    await expectNothingHappened()
  })
})

test('programs notice nothing: the same requests without these headers are served', async () => {
  const [port = 0] = opened
  const statuses = new Map<string, number | undefined>()
  for (const attack of attacksOn(runtime.outputs))
    statuses.set(attack.name, (await send(port, attack)).status)
  expect([...statuses].filter(([, status]) => status === 403)).toEqual([])
  expect(statuses.get('invoke a function')).toBe(200)
  expect(statuses.get('read a secret')).toBe(200)
})

test('pages of the gateway and of origins that are let in use the APIs, and no service', async () => {
  const open = await startRuntime({
    assembly,
    data: temporaryFolder(),
    origins: ['https://app.example'],
  })
  onTestFinished(() => open.stop())
  const port = Number(new URL(open.endpoint).port)
  for (const origin of ['https://app.example', open.endpoint]) {
    const headers = { origin, 'sec-fetch-site': 'cross-site', host: new URL(open.endpoint).host }
    const admitted: string[] = []
    for (const attack of attacksOn(open.outputs)) {
      const { status } = await send(port, { ...attack, headers: { ...attack.headers, ...headers } })
      if (status !== 403) admitted.push(attack.name)
    }
    expect(admitted).toEqual(['use an API'])
    await connect(open.outputs['LiveUrl'] ?? '', { headers: { origin } })
  }
})
