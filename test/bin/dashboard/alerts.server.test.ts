import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'

import { type Dashboard, startDashboard } from '../../../bin/dashboard/server.ts'
import type { AlertsRequest } from '../../../bin/stage/alerts/call-alerts.ts'
import { ask, signInBy } from './ask.ts'
import { backendAt } from './backend-at.ts'

let page: string
let dashboard: Dashboard
let port: number
let cookie: string
const asked: AlertsRequest[] = []
const recorded: string[] = []

beforeAll(async () => {
  page = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>TickStock</title>')
  dashboard = await startDashboard({ port: 0, pages: Promise.resolve(page), onError: () => {} })
  port = Number(new URL(dashboard.url).port)
  cookie = await signInBy(dashboard.newAddress())
  dashboard.show({
    ...backendAt(9, recorded),
    alerts: async (request) => {
      asked.push(request)
      const headers = { 'content-type': 'application/json' }
      return { statusCode: request.path.endsWith('/none') ? 404 : 201, headers, body: '{"a":1}' }
    },
  })
})

afterAll(async () => {
  await dashboard.stop()
  rmSync(page, { recursive: true, force: true })
})

beforeEach(() => {
  asked.length = 0
  recorded.length = 0
})

async function send(method: string, path: string, body?: unknown) {
  const headers = { cookie, origin: `http://localhost:${port}`, 'content-type': 'application/json' }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const answer = await ask(port, path, { method, headers, ...sent })
  return [answer.status, answer.body]
}

it('the dashboard asks the alerter as who is signed in, and records what is changed', async () => {
  const rule = { condition: 'close > 1', to: 'http://127.0.0.1:4590/' }
  expect(await send('POST', '/v1/alerts', rule)).toEqual([201, '{"a":1}'])
  expect(await send('GET', '/v1/alerts/firings?limit=20')).toEqual([201, '{"a":1}'])
  expect(await send('DELETE', '/v1/alerts/none')).toEqual([404, '{"a":1}'])
  const by = 'operator on this machine'
  expect(asked).toEqual([
    { method: 'POST', path: '/v1/alerts', query: {}, by, body: JSON.stringify(rule) },
    { method: 'GET', path: '/v1/alerts/firings', query: { limit: '20' }, by },
    { method: 'DELETE', path: '/v1/alerts/none', query: {}, by },
  ])
  expect(recorded).toEqual(['alerts: POST /v1/alerts'])
})

it('the dashboard lets nobody change alerts who is not signed in, or is on a page of another origin', async () => {
  const headers = { cookie, origin: 'http://elsewhere.example', 'content-type': 'application/json' }
  const foreign = await ask(port, '/v1/alerts', { method: 'POST', headers, body: '{}' })
  const nobody = await ask(port, '/v1/alerts', { method: 'GET', headers: {} })
  expect([foreign.status, nobody.status]).toEqual([403, 401])
  expect(asked).toEqual([])
})
