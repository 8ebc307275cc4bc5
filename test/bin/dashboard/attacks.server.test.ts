import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { type Dashboard, startDashboard } from '../../../bin/dashboard/server.ts'
import { ask, type Asking, signInBy } from './ask.ts'
import { backendAt, portOf } from './backend-at.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

let folder: string
let dashboard: Dashboard
let port: number
let cookie: string
const recorded: string[] = []
const faults: unknown[] = []
/** What reached the API. */
const asked: { readonly url: string; readonly key: unknown; readonly cookie: unknown }[] = []
const api = createServer(({ url = '', headers }, response) => {
  asked.push({ url, key: headers['x-api-key'], cookie: headers.cookie })
  response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'a=b', 'x-api-key': 'secret' })
  response.end('{}')
})

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  mkdirSync(join(folder, 'dist/assets'), { recursive: true })
  writeFileSync(join(folder, 'dist/index.html'), '<!doctype html>')
  writeFileSync(join(folder, 'dist/assets/page-Abc_12-x.js'), 'page()')
  writeFileSync(join(folder, 'dist/assets/data.bin'), '')
  writeFileSync(join(folder, 'dist/.stamp'), 'secret')
  writeFileSync(join(folder, 'outside'), 'secret')
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  dashboard = await startDashboard({
    port: 0,
    pages: Promise.resolve(join(folder, 'dist')),
    onError: (error) => void faults.push(error),
  })
  port = Number(new URL(dashboard.url).port)
  dashboard.show(backend())
})

afterAll(async () => {
  await dashboard.stop()
  api.close()
  rmSync(folder, { recursive: true, force: true })
})

beforeEach(async () => {
  cookie = await signInBy(dashboard.newAddress())
  recorded.length = 0
  asked.length = 0
})

const backend = () => backendAt(portOf(api), recorded)
const own = () => `http://localhost:${port}`
const signedIn = (path: string, { headers, ...asking }: Asking = {}) =>
  ask(port, path, { ...asking, headers: { cookie, ...headers } })
const turnOff = (headers: Readonly<Record<string, string>>, body = '{"value":"off"}') =>
  signedIn('/flags/analytics', { method: 'PUT', headers, body })

describe('a one-time address', () => {
  it('signs in once, into a cookie that no script and no other site sees, and leads to the page', async () => {
    const { search } = new URL(dashboard.newAddress())
    const first = await ask(port, `/${search}`)
    expect(first).toMatchObject({ status: 303, headers: { location: '/', 'cache-control': 'no-store' } })
    expect(first.headers['set-cookie']).toEqual([
      expect.stringMatching(new RegExp(`^tickstock_${port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`)),
    ])
    const second = await ask(port, `/${search}`)
    expect(second).toMatchObject({ status: 401, headers: { 'content-type': 'text/html; charset=utf-8' } })
    expect(second.headers['set-cookie']).toBeUndefined()
    expect(second.body).toContain('Open the address that <code>npm start</code> printed')
  })

  it('that was used leads who is signed in to the page, without a new cookie', async () => {
    const again = await signedIn('/?key=used')
    expect(again).toMatchObject({ status: 303, headers: { location: '/' } })
    expect(again.headers['set-cookie']).toBeUndefined()
  })

  it('is not used up by a HEAD', async () => {
    const { search } = new URL(dashboard.newAddress())
    expect((await ask(port, `/${search}`, { method: 'HEAD' })).status).toBe(401)
    expect((await ask(port, `/${search}`)).status).toBe(303)
  })

  it('is made for who knows the secret of the start, and for no page', async () => {
    const post = (headers: Readonly<Record<string, string>>) =>
      ask(port, '/sign-in-addresses', { method: 'POST', headers })
    const authorization = `Bearer ${dashboard.secret}`
    const wrong: readonly Readonly<Record<string, string>>[] = [
      {},
      { authorization: 'Bearer ' },
      { authorization: `Bearer ${dashboard.secret}x` },
      { cookie },
      { authorization, origin: own() },
    ]
    for (const headers of wrong) expect((await post(headers)).status).toBe(401)
    expect((await ask(port, '/sign-in-addresses', { headers: { authorization } })).status).toBe(405)
    const { status, body } = await post({ authorization })
    expect(status).toBe(200)
    expect(await signInBy(JSON.parse(body).address)).toMatch(/^tickstock_/)
  })
})

describe('without a session', () => {
  it.each(['/', '/assets/page-Abc_12-x.js', '/v1/bars', '/docs', '/session', '/system', '/nothing'])(
    '%s answers 401, whatever the cookie',
    async (path) => {
      const other = `tickstock_${port + 1}=${cookie.split('=')[1]}`
      for (const forged of [
        '',
        'tickstock_=',
        `tickstock_${port}=`,
        `tickstock_${port}=a`,
        `${cookie}a`,
        other,
      ]) {
        const answer = await ask(port, path, { headers: { cookie: forged } })
        expect(answer).toMatchObject({ status: 401, headers: { 'x-content-type-options': 'nosniff' } })
      }
      expect(asked).toEqual([])
    },
  )

  it('signing out ends the session everywhere', async () => {
    const origin = own()
    const out = await signedIn('/session/end', {
      method: 'POST',
      headers: { ...JSON_TYPE, origin },
      body: '{}',
    })
    expect(out.status).toBe(200)
    expect(out.headers['set-cookie']?.[0]).toContain('Max-Age=0')
    expect((await signedIn('/session')).status).toBe(401)
  })
})

describe('a page from elsewhere', () => {
  it.each([
    ['host', 'rebound.example'],
    ['host', 'localhost'],
    ['host', 'localhost:1'],
    ['origin', 'http://evil.example'],
    ['origin', 'null'],
    ['origin', 'http://localhost'],
    ['origin', 'http://localhost:4566'],
    ['sec-fetch-site', 'cross-site'],
    ['sec-fetch-site', 'same-site'],
  ])('is refused with its cookie: %s %j', async (name, value) => {
    for (const path of ['/', '/session', '/v1/bars', '/?key=x', '/sign-in-addresses']) {
      const answer = await signedIn(path, { headers: { [name]: value } })
      expect(answer).toMatchObject({ status: 403, headers: { 'content-type': 'application/problem+json' } })
    }
    expect(asked).toEqual([])
  })

  it('is not the own one by another name of this machine', async () => {
    const headers = { host: `127.0.0.1:${port}`, origin: own() }
    expect((await signedIn('/session', { headers })).status).toBe(403)
    expect((await signedIn('/session', { headers: { host: `127.0.0.1:${port}` } })).status).toBe(200)
  })
})

describe('a request that changes something', () => {
  it('is heard as JSON of the own page only', async () => {
    const origin = own()
    expect((await turnOff(JSON_TYPE)).status).toBe(403)
    expect((await turnOff({ origin })).status).toBe(415)
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'text/plain; application/json'])
      expect((await turnOff({ origin, 'content-type': type })).status).toBe(415)
    expect(recorded).toEqual([])
    const type = 'application/json; charset=utf-8'
    expect((await turnOff({ origin, 'content-type': type })).status).toBe(200)
    expect(recorded).toEqual(['analytics off', 'flag analytics off'])
  })

  it('is refused with what is wrong when its body is', async () => {
    const headers = { ...JSON_TYPE, origin: own() }
    for (const [body, status] of [
      ['', 400],
      ['off', 400],
      ['{"value":"maybe"}', 400],
      ['{"value":"off","more":1}', 400],
      [JSON.stringify({ value: 'x'.repeat(20_000) }), 413],
    ] as const) {
      const answer = await turnOff(headers, body)
      expect([body.slice(0, 30), answer.status]).toEqual([body.slice(0, 30), status])
    }
    expect(recorded).toEqual([])
    const put = await signedIn('/flags/nothing', { method: 'PUT', headers, body: '{"value":"on"}' })
    expect(put.status).toBe(404)
    expect((await signedIn('/flags/analytics')).headers['allow']).toBe('PUT')
    expect((await signedIn('/', { method: 'POST', headers, body: '{}' })).status).toBe(405)
  })
})

describe('the files of the page', () => {
  it('have their types and a strict policy, and are kept when their name changes with them', async () => {
    const page = await signedIn('/')
    expect(page).toMatchObject({ status: 200, body: '<!doctype html>' })
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toMatch(/^default-src 'self'; .*frame-ancestors 'none'$/)
    expect(policy).not.toContain('unsafe')
    const script = await signedIn('/assets/page-Abc_12-x.js')
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'private, max-age=31536000, immutable',
    })
    expect((await signedIn('/assets/data.bin')).headers['content-type']).toBe('application/octet-stream')
  })

  it.each([
    '/../outside',
    '/assets/../../outside',
    '/%2e%2e/outside',
    '/assets/%2e%2e/%2e%2e/outside',
    '/..%2foutside',
    '/assets/..%5c..%5coutside',
    '/assets\\..\\..\\outside',
    '/assets/%00',
    '/.stamp',
    '/__proto__',
    '/constructor',
  ])('are all there is: %s', async (path) => {
    expect(await signedIn(path)).toMatchObject({ status: 404 })
  })

  it.each(['//evil.example/', '/\\evil.example', 'http://evil.example/', '*'])(
    'are asked for by a path: %s',
    async (path) => {
      expect(await signedIn(path)).toMatchObject({ status: 400 })
    },
  )
})

describe('the API behind it', () => {
  it('gets the key, but not the cookie, and no secret comes back', async () => {
    const answer = await signedIn('/v1/bars/BRK%2FB?limit=1')
    expect(asked).toEqual([{ url: '/stage/v1/bars/BRK%2FB?limit=1', key: 'the-api-key', cookie: undefined }])
    expect(answer).toMatchObject({ status: 200, headers: { 'x-content-type-options': 'nosniff' } })
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(JSON.stringify(answer)).not.toMatch(/secret|the-api-key/)
  })

  it.each(['GET', 'POST'])('gets the key that a %s has, and not the other beside it', async (method) => {
    const headers = { 'x-api-key': 'typed', 'content-type': 'application/json', origin: own() }
    const answer = await signedIn('/v1/jobs', { method, headers, ...(method === 'POST' && { body: '{}' }) })
    expect(asked).toEqual([{ url: '/stage/v1/jobs', key: 'typed', cookie: undefined }])
    expect(JSON.stringify(answer)).not.toMatch(/secret|the-api-key/)
  })

  it.each(['/v1/../../_aws/x', '/v1/%2e%2e/%2E%2e/x', '/docs/../x', '/v1', '/docsx'])(
    'is the only thing behind it: %s',
    async (path) => {
      expect((await signedIn(path)).status).toBe(404)
      expect(asked).toEqual([])
    },
  )

  it('that does not answer is a problem of its own', async () => {
    dashboard.show({ ...backend(), api: { url: 'http://127.0.0.1:1', key: '' } })
    const answer = await signedIn('/v1/bars')
    dashboard.show(backend())
    expect(answer).toMatchObject({ status: 502, headers: { 'content-type': 'application/problem+json' } })
  })
})

it('a fault is answered as a problem, and reported', async () => {
  const answer = await signedIn('/dead-letters')
  expect(answer).toMatchObject({ status: 500, headers: { 'content-type': 'application/problem+json' } })
  expect(faults).toEqual([new Error('no bucket')])
})

it('a port that is taken is refused in a sentence', async () => {
  const taken = startDashboard({ port, pages: Promise.resolve(folder), onError: () => {} })
  await expect(taken).rejects.toThrow(
    `port ${port}, for the dashboard, is in use: stop what listens there, or choose another with --dashboard-port (0: any free one)`,
  )
})
