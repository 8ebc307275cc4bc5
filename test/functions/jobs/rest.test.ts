import { describe, expect, it } from 'vitest'

import { answered, outcomeOf } from '../../../functions/jobs/call-rebuilder.ts'
import type { JobTask } from '../../../functions/jobs/tasks.ts'
import { newJob } from '../../../functions/jobs/evolve-job.ts'
import { viewOf } from '../../../functions/jobs/job-view.ts'
import { JobRefusal, type ManagedJobs } from '../../../functions/jobs/manage-jobs.ts'
import { readJobRequest } from '../../../functions/jobs/job-request.ts'
import { createRest } from '../../../functions/jobs/rest.ts'
import { newKey } from '../../../functions/shared/access/usage-keys.ts'

const NOW = Date.parse('2025-11-10T12:00:30Z')
const ASKED: unknown[][] = []

const VIEW = viewOf(
  newJob({ symbols: ['A'], from: 0, to: 60, replaces: 'more' }, { id: 'j1', at: NOW, by: 'ann' }),
)
function note(...asked: unknown[]) {
  if (asked[1] === 'none') throw new JobRefusal('no-job', 'there is no job "none"')
  ASKED.push(asked)
  return VIEW
}

/** Notes what it is asked. */
const jobs: ManagedJobs = {
  submit: async (body, by) => {
    readJobRequest(body, { id: 'j1', at: NOW })
    return note('submit', body, by)
  },
  list: async (page) => ({ jobs: [note('list', page)], next_page_token: null }),
  show: async (id) => ({ ...note('show', id), symbols: ['A'], failures: [] }),
  cancel: async (id, by) => note('cancel', id, by),
  retry: async (id) => note('retry', id),
}
const rest = {
  keys: createRest({ jobs, access: 'keys', logError: () => {} }),
  clients: createRest({ jobs, access: 'clients', logError: () => {} }),
  people: createRest({ jobs, access: 'people', logError: () => {} }),
}

type Request = {
  readonly key?: string
  readonly role?: string
  readonly query?: Record<string, string>
  readonly body?: string
}

const eventOf = (httpMethod: string, path: string, { key, role, query, body }: Request = {}) => ({
  httpMethod,
  path,
  headers: { 'X-Api-Key': key },
  queryStringParameters: query ?? null,
  body: body ?? null,
  isBase64Encoded: false,
  requestContext: {
    ...(role !== undefined && { authorizer: { principalId: 'ann', role } }),
    identity: { apiKeyId: 'k1' },
  },
})
const OPERATOR = newKey('HEADER', 'operator').sent
const bodyOf = (answer: { readonly body: string }) => JSON.parse(answer.body)

async function ask(method: string, path: string, request: Request = {}) {
  ASKED.length = 0
  const answer = await rest.keys(eventOf(method, path, { key: OPERATOR, ...request }))
  return {
    status: answer.statusCode,
    problem: bodyOf(answer),
    asked: [...ASKED],
  }
}

describe('/v1/jobs', () => {
  it.each([
    ['POST', '/v1/jobs', 202, ['submit', { symbols: ['A'], from: '2025-11-10' }, 'key k1']],
    ['GET', '/v1/jobs', 200, ['list', { limit: 50 }]],
    ['GET', '/v1/jobs/j1', 200, ['show', 'j1']],
    ['HEAD', '/v1/jobs/j1', 200, ['show', 'j1']],
    ['DELETE', '/v1/jobs/j1', 202, ['cancel', 'j1', 'key k1']],
    ['POST', '/v1/jobs/j1/retry', 202, ['retry', 'j1']],
  ])('%s %s', async (method, path, status, asked) => {
    const body = JSON.stringify({ symbols: ['A'], from: '2025-11-10' })
    expect(await ask(method, path, { body })).toMatchObject({ status, asked: [asked] })
  })

  it('takes a page of the list', async () => {
    const query = { limit: '7', page_token: 'j0' }
    expect((await ask('GET', '/v1/jobs', { query })).asked).toEqual([['list', { limit: 7, before: 'j0' }]])
  })

  it.each([
    ['PUT', '/v1/jobs', {}, 405, /use GET, POST/],
    ['POST', '/v1/jobs/j1', {}, 405, /use GET, DELETE/],
    ['GET', '/v1/jobs/j1/retry', {}, 405, /use POST/],
    ['GET', '/v1/jobs/j1/other', {}, 404, /no \/v1\/jobs\/j1\/other/],
    ['GET', '/v1/jobs/none', {}, 404, /no job "none"/],
    [
      'GET',
      '/v1/jobs',
      { query: { limit: '0' } },
      400,
      /limit is "0"; allowed: a whole number from 1 to 200/,
    ],
    ['GET', '/v1/jobs', { query: { before: 'x' } }, 400, /no parameter before; allowed: limit, page_token/],
    ['POST', '/v1/jobs', { body: '{' }, 400, /the body is not JSON/],
    ['POST', '/v1/jobs', {}, 400, /the body is not JSON/],
    ['POST', '/v1/jobs', { body: '[]' }, 400, /the body is \[\]; allowed: a JSON object/],
    [
      'POST',
      '/v1/jobs',
      { body: '{"symbols":[],"from":"2025-11-10"}' },
      400,
      /symbols is \[\]; allowed: one symbol/,
    ],
    ['POST', '/v1/jobs', { body: '{"symbols":["A"]}' }, 400, /from is missing; allowed: a UTC day such as/],
    [
      'POST',
      '/v1/jobs',
      { body: '{"symbols":["A",""],"from":"2025-11-10"}' },
      400,
      /symbols\.1 is ""; allowed: a symbol/,
    ],
    [
      'POST',
      '/v1/jobs',
      { body: '{"symbols":["A"],"from":"2025-02-30"}' },
      400,
      /from is "2025-02-30"; allowed/,
    ],
    [
      'POST',
      '/v1/jobs',
      { body: '{"symbols":["A"],"from":"2025-11-10T14:30:05Z"}' },
      400,
      /from is "2025-11-10T14:30:05Z"/,
    ],
    [
      'POST',
      '/v1/jobs',
      { body: '{"symbols":["A"],"from":"2025-11-10","until":"x"}' },
      400,
      /no field until; allowed: type, symbols, from, to, replace/,
    ],
    [
      'POST',
      '/v1/jobs',
      { body: '{"symbols":["A"],"from":"2025-11-10","to":"2025-11-10"}' },
      400,
      /no minute from/,
    ],
    [
      'POST',
      '/v1/jobs',
      { body: '{"symbols":["A"],"from":"2026-11-10"}' },
      400,
      /no minute from .* to 2025-11-10T12:01:00Z/,
    ],
    [
      'POST',
      '/v1/jobs',
      { body: '{"type":"import","symbols":["A"],"from":"2025-11-10"}' },
      400,
      /type is "import"; allowed: rebuild or export/,
    ],
  ] satisfies [string, string, Request, number, RegExp][])(
    '%s %s with %j says what is wrong',
    async (method, path, request, status, detail) => {
      expect(await ask(method, path, request)).toMatchObject({
        status,
        problem: { type: expect.stringMatching(/^urn:tickstock:/), detail: expect.stringMatching(detail) },
        asked: [],
      })
    },
  )
})

describe('who may use it', () => {
  it.each([
    ['keys', { key: OPERATOR }, 200],
    ['keys', { key: newKey('AUTHORIZER', 'operator').sent }, 200],
    ['keys', { key: newKey('HEADER').sent }, 403],
    ['keys', { key: `operator${newKey('HEADER').sent}`.slice(0, 40) }, 403],
    ['keys', {}, 403],
    // With keys nobody has verified a role.
    ['keys', { role: 'operator' }, 403],
    ['clients', { role: 'operator' }, 200],
    ['clients', { role: 'program' }, 403],
    ['clients', { key: OPERATOR }, 403],
    ['people', { role: 'operator' }, 200],
    ['people', { role: 'viewer' }, 403],
    ['people', { role: 'program' }, 403],
    // With people it is the authorizer that has verified the key.
    ['people', { key: OPERATOR }, 403],
    ['people', {}, 403],
  ] as const)('access %s, %j', async (access, request, status) => {
    const answer = await rest[access](eventOf('GET', '/v1/jobs', request))
    expect(answer.statusCode).toBe(status)
    if (status === 403) expect(bodyOf(answer)).toMatchObject({ type: 'urn:tickstock:not-operator' })
  })
})

it('an answer of the rebuilder says that a task is done, or where it goes on', () => {
  expect(answered({ put: 1, unchanged: 2 })).toEqual({ type: 'done', counts: { put: 1, unchanged: 2 } })
  const place = { symbol: 'A', next: 60, last: null, indicators: 'obv', state: 'AQ==' }
  expect(answered({ signals: 3, place })).toEqual({ type: 'part', counts: { signals: 3 }, place })
})

describe('an error of the rebuilder', () => {
  const bars: JobTask = { symbols: ['A'], from: '2025-11-10T00:00:00Z', to: '2025-11-10T01:00:00Z' }
  const exported: JobTask = {
    ...bars,
    type: 'export',
    timeframe: '1Min',
    tz: 'UTC',
    format: 'csv',
    numbers: 'number',
    asof: 0,
    key: 'exports/j/bars.csv',
  }

  it.each([
    ['RebuildError', 'AAPL, hour x: y', 'failed', 'lost'],
    ['ZodError', 'type is wrong', 'failed', 'failed'],
    ['BadRequestError', 'numbers must be string', 'failed', 'failed'],
    ['ExportTooLarge', 'the file has more than the 10000 parts', 'failed', 'failed'],
    ['SlowDown', 'reduce your request rate', 'failed', 'lost'],
    ['Runtime.ExitError', 'exited', 'lost', 'lost'],
    ['Sandbox.Timedout', 'RequestId: r Error: Task timed out after 720.00 seconds', 'lost', 'lost'],
    [undefined, '2025-11-10T12:00:00.000Z r Task timed out after 720.00 seconds', 'lost', 'lost'],
  ])('%s: %s is %s for a task of bars, and %s for an export', (errorType, errorMessage, ofBars, ofExport) => {
    const answer = { errorType, errorMessage }
    expect(outcomeOf(answer, 'Unhandled', bars)).toEqual({ type: ofBars, reason: errorMessage })
    expect(outcomeOf(answer, 'Unhandled', exported)).toEqual({ type: ofExport, reason: errorMessage })
  })

  it('that is no object has the reason that Lambda gives', () => {
    expect(outcomeOf('no object', 'Unhandled', bars)).toEqual({ type: 'failed', reason: 'Unhandled' })
  })
})
