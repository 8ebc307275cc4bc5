import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  cancelJob,
  type Claim,
  claimTask,
  endTask,
  MAX_ATTEMPTS,
  newJob,
  type Outcome,
  renewLease,
  retryJob,
} from '../../../functions/jobs/evolve-job.ts'
import { type Job, type JobSpec, MAX_FAILURES, stateOf } from '../../../functions/jobs/job.ts'
import { countTasks, taskOf } from '../../../functions/jobs/tasks.ts'

const DAY = 86_400
const day = (text: string) => Date.parse(text) / 1000
const specOf = (symbols: number, days: number): JobSpec => ({
  symbols: Array.from({ length: symbols }, (_, index) => `S${index}`),
  from: day('2025-10-10'),
  to: day('2025-10-10') + days * DAY,
  replaces: 'more',
})
const jobOf = (days: number, symbols = 1) => newJob(specOf(symbols, days), { id: 'j', at: 0, by: 'ann' })
const DONE: Outcome = { type: 'done', counts: { put: 2, unchanged: 1 } }

const place = (next: number) => ({ symbol: 'S0', next, last: null, indicators: 'obv', state: '' })
const part = (next: number): Outcome => ({ type: 'part', counts: { signals: 3 }, place: place(next) })

/** The signals of a job of one symbol whose bars are done, which are its last task. */
function withSignals(job: Job): Job {
  const last = claimed(job, 5)
  expect(last.claim.task).toBe(job.tasks - 1)
  return endTask(last.job, last.claim, { outcome: { type: 'done', counts: {} }, now: 5 }) ?? last.job
}

/** Claims a task; throws when there is none. */
function claimed(job: Job, now = 1, concurrency = 2): { job: Job; claim: Claim } {
  const offer = claimTask(job, concurrency, { now, until: now + 10 })
  if (offer.type !== 'claimed') throw new Error(`no task: ${offer.type}`)
  return offer
}

describe('the tasks of a job', () => {
  it('are one a day and up to 100 symbols, and cover each symbol and minute of the span once', () => {
    const spec = { ...specOf(250, 2), from: day('2025-10-10T14:30:00Z'), to: day('2025-10-12T09:00:00Z') }
    const all = Array.from({ length: countTasks(spec) }, (_, task) => taskOf(spec, task))
    const tasks = all.flatMap((task) => ('to' in task ? [task] : []))
    expect(tasks.map(({ symbols, from, to }) => [symbols.length, from, to])).toEqual(
      [
        ['2025-10-10T14:30:00Z', '2025-10-11T00:00:00Z'],
        ['2025-10-11T00:00:00Z', '2025-10-12T00:00:00Z'],
        ['2025-10-12T00:00:00Z', '2025-10-12T09:00:00Z'],
      ].flatMap(([from, to]) => [100, 100, 50].map((symbols) => [symbols, from, to])),
    )
    expect(tasks.slice(0, 3).flatMap(({ symbols }) => symbols)).toEqual(spec.symbols)
    // Then signals, of ten symbols at a time.
    const signals = all.slice(tasks.length)
    expect(signals.flatMap(({ symbols }) => symbols)).toEqual(spec.symbols)
    expect(signals).toHaveLength(25)
    expect(signals[24]).toEqual({
      type: 'signals',
      symbols: spec.symbols.slice(240),
      from: '2025-10-10T14:30:00Z',
    })
  })

  it('of a span that ends with a day are not one more', () => {
    expect(countTasks(specOf(100, 1))).toBe(1 + 10)
    expect(countTasks(specOf(101, 3))).toBe(6 + 11)
  })
})

describe('a job', () => {
  it('gives out as many tasks at a time as may run, in their order, and is done when all are', () => {
    let job = jobOf(3)
    expect(stateOf(job)).toBe('queued')
    const first = claimed(job)
    const second = claimed(first.job)
    expect([first.claim, second.claim]).toEqual([
      { task: 0, attempt: 1 },
      { task: 1, attempt: 1 },
    ])
    expect(claimTask(second.job, 2, { now: 2, until: 12 }).type).toBe('busy')
    job = endTask(second.job, first.claim, { outcome: DONE, now: 3 }) ?? job
    const third = claimed(job)
    expect(third.claim.task).toBe(2)
    job = endTask(third.job, second.claim, { outcome: DONE, now: 4 }) ?? job
    expect(stateOf(job)).toBe('running')
    // Signals follow from all of the bars.
    expect(claimTask(job, 2, { now: 4, until: 14 }).type).toBe('busy')
    job = endTask(job, third.claim, { outcome: DONE, now: 5 }) ?? job
    expect(stateOf(job)).toBe('running')
    job = withSignals(job)
    expect({ state: stateOf(job), endedAt: job.endedAt, counts: job.counts }).toEqual({
      state: 'done',
      endedAt: 5,
      counts: { put: 6, unchanged: 3 },
    })
  })

  it('gives a task to another when its lease ends, and ignores what the first one says then', () => {
    const first = claimed(jobOf(1))
    expect(claimTask(first.job, 2, { now: 10, until: 20 }).type).toBe('busy')
    const second = claimed(first.job, 11)
    expect(second.claim).toEqual({ task: 0, attempt: 2 })
    expect(endTask(second.job, first.claim, { outcome: DONE, now: 12 })).toBeUndefined()
    expect(renewLease(second.job, first.claim, 30)).toBeUndefined()
    const renewed = renewLease(second.job, second.claim, 100) ?? second.job
    expect(claimTask(renewed, 2, { now: 99, until: 110 }).type).toBe('busy')
  })

  it('gives out what is left of a task at its place, after a kill too, and is done when all of it is', () => {
    const bars = claimed(jobOf(1))
    const first = claimed(endTask(bars.job, bars.claim, { outcome: DONE, now: 2 }) ?? bars.job)
    expect(first.claim).toEqual({ task: 1, attempt: 1 })
    const second = claimed(endTask(first.job, first.claim, { outcome: part(60), now: 3 }) ?? first.job)
    expect(second.claim).toEqual({ task: 1, attempt: 1, place: place(60) })
    // Who has run the first part says it again.
    expect(endTask(second.job, first.claim, { outcome: part(60), now: 4 })).toBeUndefined()
    const third = claimed(second.job, 20)
    expect(third.claim).toEqual({ task: 1, attempt: 2, place: place(60) })
    const fourth = claimed(endTask(third.job, third.claim, { outcome: part(120), now: 21 }) ?? third.job, 21)
    expect(fourth.claim).toEqual({ task: 1, attempt: 1, place: place(120) })
    expect(stateOf(fourth.job)).toBe('running')
    const outcome: Outcome = { type: 'done', counts: { signals: 1 } }
    const done = endTask(fourth.job, fourth.claim, { outcome, now: 22 }) ?? fourth.job
    expect([stateOf(done), done.counts]).toEqual(['done', { put: 2, unchanged: 1, signals: 7 }])
  })

  it('fails with a task that is lost each time, and says why', () => {
    let job = jobOf(1)
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const next = claimed(job)
      const lost: Outcome = { type: 'lost', reason: 'the process exited' }
      job = endTask(next.job, next.claim, { outcome: lost, now: 2 }) ?? job
    }
    expect(stateOf(job)).toBe('failed')
    expect(job.failures).toEqual([{ task: 0, reason: 'the process exited (3 times)' }])
  })

  it('goes on after a failed task, runs it again when it is told to, and is done then', () => {
    const failing = claimed(jobOf(2))
    const outcome: Outcome = { type: 'failed', reason: 'S0, hour 2025-10-10T03:00Z: no Parquet' }
    const other = claimed(endTask(failing.job, failing.claim, { outcome, now: 2 }) ?? failing.job)
    const failed = endTask(other.job, other.claim, { outcome: DONE, now: 3 }) ?? other.job
    expect({ state: stateOf(failed), done: failed.done, failures: failed.failures }).toEqual({
      state: 'failed',
      done: 1,
      failures: [{ task: 0, reason: outcome.reason }],
    })
    const again = claimed(retryJob(failed) ?? failed, 10)
    expect(again.claim).toEqual({ task: 0, attempt: 1 })
    // None of signals was started after bars had failed.
    const done = withSignals(endTask(again.job, again.claim, { outcome: DONE, now: 11 }) ?? again.job)
    expect({ state: stateOf(done), left: retryJob(done) }).toEqual({ state: 'done', left: undefined })
  })

  it.each(['failed', 'lost'] as const)('retries a task that is %s at the place it had come to', (type) => {
    const bars = claimed(jobOf(1))
    const first = claimed(endTask(bars.job, bars.claim, { outcome: DONE, now: 2 }) ?? bars.job)
    let job = endTask(first.job, first.claim, { outcome: part(60), now: 3 }) ?? first.job
    while (job.endedAt === undefined) {
      const next = claimed(job, 4)
      job = endTask(next.job, next.claim, { outcome: { type, reason: 'r' }, now: 4 }) ?? next.job
    }
    expect(stateOf(job)).toBe('failed')
    const again = claimed(retryJob(job) ?? job, 10)
    expect(again.claim).toEqual({ task: 1, attempt: 1, place: place(60) })
  })

  it('stops after many failed tasks, and retries those and the rest', () => {
    let job = jobOf(100)
    for (let task = 0; task < MAX_FAILURES; task++) {
      const next = claimed(job)
      job = endTask(next.job, next.claim, { outcome: { type: 'failed', reason: 'r' }, now: 2 }) ?? job
    }
    expect({ state: stateOf(job), next: job.next }).toEqual({ state: 'failed', next: MAX_FAILURES })
    const again = retryJob(job) ?? job
    expect([stateOf(again), again.again.length]).toEqual(['running', MAX_FAILURES])
  })

  it('that is cancelled starts no more, and has ended when those that run have', () => {
    expect(stateOf(cancelJob(jobOf(2), { by: 'bea', now: 3 }) ?? jobOf(2))).toBe('cancelled')
    const running = claimed(jobOf(2))
    const cancelling = cancelJob(running.job, { by: 'bea', now: 3 }) ?? running.job
    expect(stateOf(cancelling)).toBe('cancelling')
    expect(claimTask(cancelling, 2, { now: 4, until: 14 }).type).toBe('busy')
    const ended = endTask(cancelling, running.claim, { outcome: DONE, now: 5 }) ?? cancelling
    expect(stateOf(ended)).toBe('cancelled')
    expect(cancelJob(ended, { by: 'bea', now: 6 })).toBeUndefined()
    expect(claimed(retryJob(ended) ?? ended).claim.task).toBe(1)
  })

  it('never loses or doubles a task, whatever happens to those who run them', () => {
    const step = fc.record({
      what: fc.constantFrom('claim', 'done', 'part', 'failed', 'lost', 'renew', 'cancel', 'retry'),
      which: fc.nat(3),
      after: fc.nat(15),
    })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(step, { maxLength: 80 }), (days, steps) => {
        let job = jobOf(days)
        let now = 1
        const claims: Claim[] = []
        for (const { what, which, after } of steps) {
          now += after
          const claim = claims[which % Math.max(1, claims.length)] ?? { task: 0, attempt: 1 }
          job = apply(job, { what, claim, now, claims })
          const numbers = [...job.again, ...job.running, ...job.failures].map(({ task }) => task)
          expect(new Set(numbers).size).toBe(numbers.length)
          expect(job.done + numbers.length + job.tasks - job.next).toBe(job.tasks)
          expect(job.running.length).toBeLessThanOrEqual(2)
          if (job.endedAt !== undefined) expect(job.running).toEqual([])
          if (stateOf(job) === 'done') expect(job.done).toBe(job.tasks)
        }
      }),
    )
  })
})

function apply(
  job: Job,
  {
    what,
    claim,
    now,
    claims,
  }: { readonly what: string; readonly claim: Claim; readonly now: number; readonly claims: Claim[] },
): Job {
  if (what === 'claim') {
    const offer = claimTask(job, 2, { now, until: now + 10 })
    if (offer.type === 'claimed') claims.unshift(offer.claim)
    return offer.job
  }
  if (what === 'renew') return renewLease(job, claim, now + 10) ?? job
  if (what === 'cancel') return cancelJob(job, { by: 'ann', now }) ?? job
  if (what === 'retry') return retryJob(job) ?? job
  const outcome = outcomeOf(what, now)
  return endTask(job, claim, { outcome, now }) ?? job
}

function outcomeOf(what: string, now: number): Outcome {
  if (what === 'done') return DONE
  if (what === 'part') return part(now)
  return { type: what === 'failed' ? 'failed' : 'lost', reason: 'why' }
}
