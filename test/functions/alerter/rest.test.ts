import { describe, expect, it } from 'vitest'

import type { ManagedAlerts } from '../../../functions/alerter/manage-alerts.ts'
import { AlertRefusal } from '../../../functions/alerter/refusal.ts'
import { createRest } from '../../../functions/alerter/rest.ts'
import { readRuleRequest, type RuleLimits } from '../../../functions/alerter/rule-request.ts'
import { newKey } from '../../../functions/shared/access/usage-keys.ts'

const LIMITS: RuleLimits = {
  indicators: ['rsi_14', 'ema_5'],
  patterns: ['hammer'],
  privateAddresses: 'refused',
  topic: 'none',
}
const RULE = { condition: 'rsi_14 > 70', to: 'https://example.com/alerts' }
const asked: unknown[][] = []
const rule = { ...RULE, id: 'r1', name: 'x', symbols: '*' as const, max_age_minutes: 1, created_by: 'ann' }
const view = { ...rule, created_at: '2025-11-10T16:00:00.000Z' }
const firing = {
  id: 'f1',
  rule_id: 'r1',
  condition: 'rsi_14 > 70',
  symbol: 'AAPL',
  timestamp: '2025-11-10T16:00:00Z',
  revision: 1,
  fired_at: '2025-11-10T16:01:00.000Z',
  delivery: 'failed' as const,
  attempts: 10,
  last_error: null,
  ended_at: null,
}

function note<Result>(result: Result, ...what: unknown[]): Result {
  if (what.includes('none')) throw new AlertRefusal('no-rule', 'there is no rule "none"')
  if (what.includes('broken')) throw new Error('the table is away')
  asked.push(what)
  return result
}

/** Notes what it is asked. */
const alerts: ManagedAlerts = {
  list: async () => note({ rules: [view] }, 'list'),
  add: async (body, by) => note({ ...view, secret: 'whsec_' }, 'add', readRuleRequest(body, LIMITS), by),
  show: async (id) => note(view, 'show', id),
  remove: async (id) => note(view, 'remove', id),
  test: async (id) => note({ delivered: true, detail: '' }, 'test', id),
  firings: async (page) => note({ firings: [firing], next_page_token: null }, 'firings', page),
  retry: async (id) => note(firing, 'retry', id),
}

const OPERATOR = newKey('HEADER', 'operator').sent
const READER = newKey('HEADER', 'reader').sent
const faults: unknown[] = []

type Given = {
  readonly key?: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
}

async function ask(method: string, path: string, { key = OPERATOR, query, body }: Given = {}) {
  asked.length = 0
  const rest = createRest({ alerts, access: 'keys', logError: (_message, error) => void faults.push(error) })
  const { statusCode, body: text } = await rest({
    httpMethod: method,
    path,
    headers: { 'x-api-key': key },
    queryStringParameters: query ?? null,
    body: body === undefined ? null : JSON.stringify(body),
    requestContext: { identity: { apiKeyId: 'k1' } },
  })
  return { status: statusCode, detail: JSON.parse(text).detail, asked: [...asked] }
}

describe('/v1/alerts', () => {
  it.each([
    ['GET', '/v1/alerts', 200, ['list']],
    ['GET', '/v1/alerts/r1', 200, ['show', 'r1']],
    ['HEAD', '/v1/alerts/r1/', 200, ['show', 'r1']],
    ['DELETE', '/v1/alerts/r1', 200, ['remove', 'r1']],
    ['POST', '/v1/alerts/r1/test', 200, ['test', 'r1']],
    ['GET', '/v1/alerts/firings', 200, ['firings', { limit: 50 }]],
    ['POST', '/v1/alerts/firings/f1/retry', 202, ['retry', 'f1']],
  ])('%s %s', async (method, path, status, what) => {
    expect(await ask(method, path)).toMatchObject({ status, asked: [what] })
  })

  it('takes a rule, with what is left out', async () => {
    const { status, asked: noted } = await ask('POST', '/v1/alerts', { body: RULE })
    expect([status, noted]).toEqual([
      201,
      [['add', { ...RULE, symbols: '*', max_age_minutes: 1440 }, 'key k1']],
    ])
  })

  it('takes a page of what has fired', async () => {
    const query = { limit: '7', page_token: 'f0' }
    expect((await ask('GET', '/v1/alerts/firings', { query })).asked).toEqual([
      ['firings', { limit: 7, before: 'f0' }],
    ])
  })

  it('is for operators', async () => {
    expect(await ask('GET', '/v1/alerts', { key: READER })).toMatchObject({ status: 403, asked: [] })
  })

  it('tells a fault of its own as one, and logs it', async () => {
    expect(await ask('GET', '/v1/alerts/broken')).toMatchObject({ status: 500 })
    expect(String(faults.at(-1))).toContain('the table is away')
  })

  it.each([
    ['PUT', '/v1/alerts', {}, 405, /use GET, POST/],
    ['GET', '/v1/alerts/r1/test', {}, 405, /use POST/],
    ['GET', '/v1/alerts/r1/other', {}, 404, /no \/v1\/alerts\/r1\/other/],
    ['GET', '/v1/alerts/none', {}, 404, /no rule "none"/],
    ['GET', '/v1/alerts/firings', { query: { limit: '0' } }, 400, /limit is "0"; allowed: a whole number/],
    ['GET', '/v1/alerts/firings', { query: { before: 'x' } }, 400, /no parameter before; allowed: limit/],
    ['POST', '/v1/alerts', {}, 400, /the body is not JSON; send \{"condition"/],
    ['POST', '/v1/alerts', { body: [] }, 400, /the body is wrong or missing; allowed: a JSON object/],
    ['POST', '/v1/alerts', { body: { ...RULE, x: 1 } }, 400, /no field x; allowed: name, condition/],
    ['POST', '/v1/alerts', { body: { ...RULE, symbols: [] } }, 400, /symbols is wrong .* "\*" for all/],
    ['POST', '/v1/alerts', { body: { to: 'x' } }, 400, /condition is wrong or missing; allowed: a text/],
    [
      'POST',
      '/v1/alerts',
      { body: { ...RULE, condition: 'x > 1' } },
      400,
      /computes no x; it computes rsi_14/,
    ],
    ['POST', '/v1/alerts', { body: { ...RULE, condition: 'pattern doji' } }, 400, /not search for doji/],
    ['POST', '/v1/alerts', { body: { ...RULE, condition: 'rsi' } }, 400, /condition: "rsi" is no condition/],
    ['POST', '/v1/alerts', { body: { ...RULE, condition: 'silent 5 minutes' } }, 400, /names its symbols/],
    ['POST', '/v1/alerts', { body: { ...RULE, to: 'http://x/' } }, 400, /allowed: a URL of https/],
    ['POST', '/v1/alerts', { body: { ...RULE, to: 'topic' } }, 400, /has no topic; set alertTopic to on/],
    [
      'POST',
      '/v1/alerts',
      { body: { ...RULE, max_age_minutes: 0 } },
      400,
      /max_age_minutes is .* 1 to 10080/,
    ],
  ] as const)('refuses %s %s %j', async (method, path, given, status, detail) => {
    expect(await ask(method, path, given)).toEqual({
      status,
      detail: expect.stringMatching(detail),
      asked: [],
    })
  })
})
