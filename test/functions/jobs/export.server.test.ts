import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Outcome } from '../../../functions/jobs/evolve-job.ts'
import { createJobStore } from '../../../functions/jobs/job-store.ts'
import { BadJobError, readJobRequest } from '../../../functions/jobs/job-request.ts'
import { manageJobs } from '../../../functions/jobs/manage-jobs.ts'
import { type RunDeps, runJobs } from '../../../functions/jobs/run-jobs.ts'
import type { JobTask } from '../../../functions/jobs/tasks.ts'
import { startTestDynamodb, type TestDynamodb } from '../../support/test-dynamodb.ts'

const NOW = Date.parse('2025-11-10T12:00:30Z')
const DAY_MS = 86_400_000
const BODY = { type: 'export', symbols: ['MSFT', 'AAPL', 'MSFT'], from: '2025-11-07', format: 'parquet' }

let dynamodb: TestDynamodb

beforeAll(async () => {
  dynamodb = await startTestDynamodb()
})
afterAll(() => dynamodb.remove())

async function newWorld() {
  const table = await dynamodb.createTable('kind', 'id')
  const asked: JobTask[] = []
  const world = { now: NOW, asked }
  const now = () => world.now
  const store = createJobStore(dynamodb.client, table, now)
  const jobs = manageJobs({
    store,
    start: async () => {},
    now,
    linkTo: async (key) => ({ url: `https://exports.test/${key}`, expires_at: 'later' }),
    exportDays: 7,
  })
  const run = async (...outcomes: readonly (Outcome | 'cancel')[]) => {
    const left = [...outcomes]
    const rebuild = async (task: JobTask): Promise<Outcome> => {
      world.asked.push(task)
      const next = left.shift() ?? 'cancel'
      if (next !== 'cancel') return next
      const [id = ''] = await store.open()
      await jobs.cancel(id, 'ann')
      return { type: 'part', counts: { bars: 1 }, place: { bars: 1, bytes: 1, symbols: 0 } }
    }
    const wait: RunDeps['wait'] = (_ms, signal) =>
      signal === undefined
        ? new Promise((resolve) => void setImmediate(resolve))
        : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    await runJobs({ store, rebuild, concurrency: 2, now, wait, ended: () => {} }, world.now + 60_000)
  }
  return Object.assign(world, { jobs, run })
}

const place = { bars: 10, bytes: 1000, symbols: 1 }
const PART: Outcome = { type: 'part', counts: place, place }
const DONE: Outcome = { type: 'done', counts: { bars: 5, bytes: 500, symbols: 1 } }

describe('a job that exports', () => {
  it('is one task that goes on where it was, and gives a link to the object until that is deleted', async () => {
    const world = await newWorld()
    const { id, ...view } = await world.jobs.submit({ ...BODY, session: 'regular', fill: 'previous' }, 'ann')
    const asof = new Date(NOW).toISOString()
    const given = {
      timeframe: '1Min',
      tz: 'UTC',
      session: 'regular',
      fill: 'previous',
      format: 'parquet',
      numbers: 'number',
    }
    expect(view).toMatchObject({
      type: 'export',
      symbol_count: 2,
      to: '2025-11-10T12:01:00Z',
      tasks: { total: 1 },
      export: { ...given, asof },
    })
    expect(await world.jobs.show(id)).toMatchObject({ state: 'queued', download: null })
    await world.run(PART, { type: 'lost', reason: 'killed' }, DONE)
    const task = {
      type: 'export',
      symbols: ['AAPL', 'MSFT'],
      from: '2025-11-07T00:00:00Z',
      to: '2025-11-10T12:01:00Z',
      ...given,
      asof: NOW,
      key: `exports/${id}/bars.parquet`,
    }
    expect(world.asked).toEqual([task, { ...task, place }, { ...task, place }])
    expect(await world.jobs.show(id)).toMatchObject({
      state: 'done',
      counts: { bars: 15, bytes: 1500, symbols: 2 },
      download: { url: `https://exports.test/exports/${id}/bars.parquet` },
    })
    world.now += 7 * DAY_MS
    expect(await world.jobs.show(id)).toMatchObject({ state: 'done', download: null })
  })

  it('that is cancelled ends with the call that runs, gives no link, and goes on when it is tried again', async () => {
    const world = await newWorld()
    const { id } = await world.jobs.submit(BODY, 'ann')
    await world.run(PART, 'cancel')
    expect(await world.jobs.show(id)).toMatchObject({
      state: 'cancelled',
      download: null,
      counts: { bars: 11 },
    })
    await world.jobs.retry(id)
    await world.run(DONE)
    expect(world.asked.at(-1)).toMatchObject({ place: { bars: 1, bytes: 1, symbols: 0 } })
    expect(await world.jobs.show(id)).toMatchObject({ state: 'done', counts: { bars: 16 } })
  })

  it('that fails after a part counts each bar once when it is tried again', async () => {
    const world = await newWorld()
    const { id } = await world.jobs.submit(BODY, 'ann')
    await world.run(PART, { type: 'failed', reason: 'no space' })
    await world.jobs.retry(id)
    await world.run(DONE)
    expect(world.asked.at(-1)).toMatchObject({ place })
    expect(await world.jobs.show(id)).toMatchObject({ state: 'done', counts: { bars: 15, bytes: 1500 } })
  })

  it('that fails says why, with its symbols and span', async () => {
    const world = await newWorld()
    const { id } = await world.jobs.submit(BODY, 'ann')
    await world.run({ type: 'failed', reason: 'numbers must be string' })
    const span = { from: '2025-11-07T00:00:00Z', to: '2025-11-10T12:01:00Z' }
    expect(await world.jobs.show(id)).toMatchObject({
      state: 'failed',
      failures: [{ symbols: ['AAPL', 'MSFT'], ...span, reason: 'numbers must be string' }],
      download: null,
    })
  })
})

it.each([
  [{ format: 'xlsx' }, /format is "xlsx"; allowed: csv, ndjson, arrow, parquet/],
  [{ format: undefined }, /format is missing; allowed: csv/],
  [{ timeframe: '7Weeks' }, /timeframe is "7Weeks"; allowed: a timeframe such as/],
  [{ tz: 'Mars' }, /tz is "Mars"; allowed: the IANA name/],
  [{ numbers: 1 }, /numbers is 1; allowed: number or string/],
  [
    { replace: true },
    /no field replace; allowed: type, symbols, from, to, timeframe, tz, session, fill, format, numbers/,
  ],
  [{ session: 'night' }, /session is "night"; allowed: regular, extended or all/],
  [{ fill: true }, /fill is true; allowed: none, previous or zero/],
  [{ symbols: [] }, /symbols is \[\]; allowed: one symbol or more/],
  [{ to: '2025-11-07' }, /no minute from/],
])('a request for an export with %j is refused, and says what is allowed', (changed, message) => {
  const body: unknown = JSON.parse(JSON.stringify({ ...BODY, ...changed }))
  expect(() => readJobRequest(body, { id: 'j', at: NOW })).toThrow(BadJobError)
  expect(() => readJobRequest(body, { id: 'j', at: NOW })).toThrow(message)
})
