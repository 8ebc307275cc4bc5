import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Outcome } from '../../../functions/jobs/evolve-job.ts'
import { type Job, stateOf } from '../../../functions/jobs/job.ts'
import { createJobStore, type JobStore } from '../../../functions/jobs/job-store.ts'
import { manageJobs, type ManagedJobs } from '../../../functions/jobs/manage-jobs.ts'
import { type RunDeps, runJobs } from '../../../functions/jobs/run-jobs.ts'
import type { TaskEvent } from '../../../functions/rebuilder/task.ts'
import type { JobTask } from '../../../functions/jobs/tasks.ts'
import { startTestDynamodb, type TestDynamodb } from '../../support/test-dynamodb.ts'

let dynamodb: TestDynamodb

beforeAll(async () => {
  dynamodb = await startTestDynamodb()
})

afterAll(async () => {
  await dynamodb.remove()
})

/** Jobs of a table of their own, and a clock that only this test moves. */
type World = {
  readonly store: JobStore
  readonly jobs: ManagedJobs
  readonly ended: Job[]
  now: number
}

async function newWorld(): Promise<World> {
  const table = await dynamodb.createTable('kind', 'id')
  const world = { now: Date.parse('2025-11-10T12:00:00Z'), ended: [] }
  const store = createJobStore(dynamodb.client, table, () => world.now)
  const jobs = manageJobs({
    store,
    start: async () => {},
    now: () => world.now,
    linkTo: async (key) => ({ url: `https://exports.test/${key}`, expires_at: 'later' }),
    exportDays: 7,
  })
  return Object.assign(world, { store, jobs })
}

const body = (days: number, symbols = ['AAPL']) => ({
  symbols,
  from: '2025-10-01',
  to: `2025-10-${String(1 + days).padStart(2, '0')}`,
})
const DONE: Outcome = { type: 'done', counts: { put: 1 } }

/** Signals are done at once. */
function runnerOf(world: World, rebuild: (task: TaskEvent) => Promise<Outcome>): RunDeps {
  return {
    store: world.store,
    rebuild: async (task) => ('type' in task ? { type: 'done', counts: {} } : await rebuild(task)),
    concurrency: 2,
    now: () => world.now,
    wait: (_ms, signal) =>
      signal === undefined
        ? new Promise((resolve) => void setImmediate(resolve))
        : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
    ended: (job) => world.ended.push(job),
  }
}

const run = async (world: World, rebuild: (task: TaskEvent) => Promise<Outcome>) =>
  await runJobs(runnerOf(world, rebuild), world.now + 60_000)

/** Rejects each call from the `step`th on, as of a process that was killed. */
function dyingAt(step: number) {
  let calls = 0
  return {
    isDead: () => calls >= step,
    guard:
      <Args extends readonly unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
      async (...args: Args): Promise<Result> => {
        if (++calls >= step) throw new Error('killed')
        return await call(...args)
      },
  }
}

describe('jobs that are run', () => {
  it('do each task once, at most two at a time, and tell their progress', async () => {
    const world = await newWorld()
    const { id } = await world.jobs.submit(body(7), 'ann')
    const days: string[] = []
    let [atOnce, most] = [0, 0]
    const both = Promise.withResolvers<void>()
    await run(world, async ({ from }) => {
      most = Math.max(most, ++atOnce)
      if (atOnce === 2) both.resolve()
      days.push(from)
      await both.promise
      atOnce--
      return DONE
    })
    expect(new Set(days).size).toBe(7)
    expect(days).toHaveLength(7)
    expect(most).toBe(2)
    expect(await world.jobs.show(id)).toMatchObject({
      state: 'done',
      symbols: ['AAPL'],
      submitted_by: 'ann',
      tasks: { total: 8, done: 8, failed: 0, running: 0, waiting: 0 },
      counts: { put: 7 },
    })
    expect(world.ended.map((job) => [job.id, stateOf(job)])).toEqual([[id, 'done']])
    expect(await world.store.open()).toEqual([])
  })

  it('two by two runners at the same time are still at most two', async () => {
    const world = await newWorld()
    await world.jobs.submit(body(6), 'ann')
    let [atOnce, most] = [0, 0]
    const days: string[] = []
    const rebuild = async ({ from }: TaskEvent) => {
      most = Math.max(most, ++atOnce)
      days.push(from)
      await new Promise((resolve) => void setImmediate(resolve))
      atOnce--
      return DONE
    }
    await Promise.all([run(world, rebuild), run(world, rebuild)])
    expect([new Set(days).size, days.length, most <= 2]).toEqual([6, 6, true])
    expect(world.ended).toHaveLength(1)
  })

  it('compute signals when all bars are done, and not after some have failed', async () => {
    const world = await newWorld()
    const { id } = await world.jobs.submit(body(3, ['A', 'B']), 'ann')
    const order: JobTask[] = []
    let outcome: Outcome = { type: 'failed', reason: 'no Parquet' }
    const runner: RunDeps = {
      ...runnerOf(world, async () => DONE),
      rebuild: async (task) => {
        order.push(task)
        await new Promise((resolve) => void setImmediate(resolve))
        return task.from.startsWith('2025-10-03') ? outcome : DONE
      },
    }
    await runJobs(runner, world.now + 60_000)
    expect(await world.jobs.show(id)).toMatchObject({
      state: 'failed',
      tasks: { done: 2, failed: 1, waiting: 1 },
    })
    expect(order.some((task) => 'type' in task)).toBe(false)
    outcome = DONE
    await world.jobs.retry(id)
    await runJobs(runner, world.now + 60_000)
    expect(order.slice(-2)).toEqual([
      expect.objectContaining({ from: '2025-10-03T00:00:00Z' }),
      { type: 'signals', symbols: ['A', 'B'], from: '2025-10-01T00:00:00Z' },
    ])
    expect(await world.jobs.show(id)).toMatchObject({ state: 'done' })
  })

  it('go one after the other, the oldest first', async () => {
    const world = await newWorld()
    for (const symbol of ['A', 'B']) {
      await world.jobs.submit(body(2, [symbol]), 'ann')
      world.now += 1
    }
    const order: string[] = []
    await run(world, async ({ symbols }) => {
      order.push(symbols.join())
      return DONE
    })
    expect(order).toEqual(['A', 'A', 'B', 'B'])
  })

  it('are resumed wherever they were killed, and come to the same', async () => {
    for (let step = 1; ; step++) {
      const world = await newWorld()
      const { id } = await world.jobs.submit(body(3), 'ann')
      const done = new Set<string>()
      const rebuild = async ({ from }: TaskEvent) => {
        done.add(from)
        return DONE
      }
      const { guard, isDead } = dyingAt(step)
      const { store } = world
      const dying: JobStore = {
        ...store,
        read: guard((key: string) => store.read(key)),
        readSpec: guard((key: string) => store.readSpec(key)),
        commit: guard((job: Job, version: number) => store.commit(job, version)),
        open: guard(() => store.open()),
        reopen: guard((key: string) => store.reopen(key)),
        close: guard((key: string) => store.close(key)),
      }
      const runner = { ...runnerOf(world, guard(rebuild)), store: dying }
      await runJobs({ ...runner, concurrency: 1 }, world.now + 60_000).catch(() => undefined)
      // Beyond the leases of the dead.
      world.now += 60_000
      await run(world, rebuild)
      expect(await world.jobs.show(id)).toMatchObject({
        state: 'done',
        tasks: { done: 4 },
        counts: { put: 3 },
      })
      expect(done.size).toBe(3)
      expect(await world.store.open()).toEqual([])
      if (!isDead()) return
    }
  })

  it('say of a failed task which symbols and time, and why; retried, it is run again alone', async () => {
    const world = await newWorld()
    const { id } = await world.jobs.submit(body(2, ['AAPL', 'MSFT']), 'ann')
    const reason = 'AAPL and 1 more, hour 2025-10-01T05:00Z: no Parquet object of the archive'
    await run(world, async ({ from }) => (from.startsWith('2025-10-01') ? { type: 'failed', reason } : DONE))
    expect(await world.jobs.show(id)).toMatchObject({
      state: 'failed',
      tasks: { done: 1, failed: 1 },
      failures: [
        { symbols: ['AAPL', 'MSFT'], from: '2025-10-01T00:00:00Z', to: '2025-10-02T00:00:00Z', reason },
      ],
    })
    expect(world.ended.map(stateOf)).toEqual(['failed'])
    await world.jobs.retry(id)
    const again: string[] = []
    await run(world, async ({ from }) => {
      again.push(from)
      return DONE
    })
    expect(again).toEqual(['2025-10-01T00:00:00Z'])
    expect(await world.jobs.show(id)).toMatchObject({ state: 'done', failures: [], counts: { put: 2 } })
    await expect(world.jobs.retry(id)).rejects.toThrow(/all tasks of the job .* are done/)
  })

  it('that cannot be called are tried again', async () => {
    const world = await newWorld()
    const { id } = await world.jobs.submit(body(1), 'ann')
    let calls = 0
    await run(world, async () => {
      if (++calls < 3) throw new Error('connection refused')
      return DONE
    })
    expect([calls, (await world.jobs.show(id)).state]).toEqual([3, 'done'])
  })

  it('are cancelled: what runs ends, nothing more starts', async () => {
    const world = await newWorld()
    const { id } = await world.jobs.submit(body(9), 'ann')
    let calls = 0
    await run(world, async () => {
      if (++calls === 2) expect((await world.jobs.cancel(id, 'bea')).state).toBe('cancelling')
      return DONE
    })
    const { state, cancelled_by, tasks } = await world.jobs.show(id)
    expect({ state, cancelled_by }).toEqual({ state: 'cancelled', cancelled_by: 'bea' })
    expect(tasks.done).toBe(calls)
    expect(calls).toBeLessThanOrEqual(3)
    await expect(world.jobs.cancel(id, 'bea')).rejects.toThrow(`the job ${id} has ended: it is cancelled`)
  })

  it('start no task when their time is over', async () => {
    const world = await newWorld()
    const { id } = await world.jobs.submit(body(3), 'ann')
    const runner = runnerOf(world, async () => {
      world.now += 40_000
      return DONE
    })
    await runJobs({ ...runner, concurrency: 1 }, world.now + 60_000)
    expect(await world.jobs.show(id)).toMatchObject({ state: 'running', tasks: { done: 2, waiting: 2 } })
  })
})

describe('the list of jobs', () => {
  it('has the newest first, in pages', async () => {
    const world = await newWorld()
    const ids: string[] = []
    for (let count = 0; count < 5; count++) {
      ids.unshift((await world.jobs.submit(body(1), 'ann')).id)
      world.now += 1
    }
    const found: string[] = []
    for (let before: string | undefined; ;) {
      const { jobs, next_page_token } = await world.jobs.list({ limit: 2, before })
      found.push(...jobs.map(({ id }) => id))
      if (next_page_token === null) break
      before = next_page_token
    }
    expect(found).toEqual(ids)
  })

  it('refuses the 101st open job, and one that there is not', async () => {
    const world = await newWorld()
    for (let count = 0; count < 100; count++) {
      await world.jobs.submit(body(1), 'ann')
      world.now += 1
    }
    await expect(world.jobs.submit(body(1), 'ann')).rejects.toThrow(/100 jobs have not ended/)
    for (const ask of ['show', 'retry'] as const)
      await expect(world.jobs[ask]('20251110-120000000-aaaa')).rejects.toThrow(
        /there is no job "20251110-120000000-aaaa"/,
      )
  })

  it('forgets jobs after 90 days', async () => {
    const world = await newWorld()
    const { id } = await world.jobs.submit(body(1), 'ann')
    await run(world, async () => DONE)
    world.now += 91 * 86_400_000
    expect((await world.jobs.list({ limit: 9 })).jobs).toEqual([])
    await expect(world.jobs.show(id)).rejects.toThrow(/there is no job/)
  })
})
