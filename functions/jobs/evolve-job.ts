import { isDeepStrictEqual } from 'node:util'

import { type Counts, type Job, type JobSpec, MAX_FAILURES, type TaskPlace } from './job.ts'
import { countBarTasks, countTasks } from './tasks.ts'

/** How often a task is tried that may do better another time: its function was killed, or could not be called. */
export const MAX_ATTEMPTS = 3

/** How a task ended. */
export type Outcome =
  | { readonly type: 'done'; readonly counts: Counts }
  /** It goes on at a place in another call. */
  | { readonly type: 'part'; readonly counts: Counts; readonly place: TaskPlace }
  /** Another try would fail too. */
  | { readonly type: 'failed'; readonly reason: string }
  /** Nobody knows; it may be tried again. */
  | { readonly type: 'lost'; readonly reason: string }

/** A task that is to be run now. */
export type Claim = {
  readonly task: number
  readonly attempt: number
  readonly place?: TaskPlace | undefined
}

/** What a job has for somebody who could run a task. */
export type Offer =
  | { readonly type: 'claimed'; readonly job: Job; readonly claim: Claim }
  /** As many run as may, or only those that run are left. */
  | { readonly type: 'busy'; readonly job: Job }
  | { readonly type: 'ended'; readonly job: Job }

export type Lease = { readonly now: number; readonly until: number }

export function newJob(
  spec: JobSpec,
  { id, at, by }: { readonly id: string; readonly at: number; readonly by: string },
): Job {
  const { from, to, replaces } = spec
  return {
    id,
    symbols: spec.symbols.length,
    from,
    to,
    replaces,
    ...(spec.export && { export: spec.export }),
    tasks: countTasks(spec),
    submittedAt: at,
    submittedBy: by,
    next: 0,
    again: [],
    running: [],
    done: 0,
    failures: [],
    counts: {},
  }
}

/** Gives out the next task of a job, if there is one and fewer than `concurrency` run. */
export function claimTask(given: Job, concurrency: number, { now, until }: Lease): Offer {
  const job = settle(dropLapsed(given, now), now)
  if (job.endedAt !== undefined) return { type: 'ended', job }
  const [first, ...again] = job.again
  const isWaiting = first === undefined && job.next >= countBarTasks(job) && !areBarsDone(job)
  if (hasStartedAll(job) || isWaiting || job.running.length >= concurrency) return { type: 'busy', job }
  const claim = first ?? { task: job.next, attempt: 1 }
  const running = [...job.running, { ...claim, until }]
  const started = { ...job, startedAt: job.startedAt ?? now, running }
  return {
    type: 'claimed',
    claim,
    job: first === undefined ? { ...started, next: job.next + 1 } : { ...started, again },
  }
}

/** Prolongs the lease of a task; undefined when it has been given to somebody else. */
export function renewLease(job: Job, claim: Claim, until: number): Job | undefined {
  if (!isHeld(job, claim)) return undefined
  return { ...job, running: job.running.map((each) => (isSame(each, claim) ? { ...each, until } : each)) }
}

/** Notes how a task ended; undefined when it has been given to somebody else, whose outcome counts. */
export function endTask(
  given: Job,
  claim: Claim,
  { outcome, now }: { readonly outcome: Outcome; readonly now: number },
): Job | undefined {
  if (!isHeld(given, claim)) return undefined
  const job = { ...given, running: given.running.filter((each) => !isSame(each, claim)) }
  return settle(withOutcome(job, claim, outcome), now)
}

function withOutcome(job: Job, claim: Claim, outcome: Outcome): Job {
  switch (outcome.type) {
    case 'done':
      return { ...job, done: job.done + 1, counts: sumOf(job.counts, outcome.counts) }
    case 'part': {
      const rest = { task: claim.task, attempt: 1, place: outcome.place }
      return { ...job, again: [...job.again, rest], counts: sumOf(job.counts, outcome.counts) }
    }
    case 'failed':
      return withFailure(job, claim, outcome.reason)
    case 'lost':
      return lose(job, claim, outcome.reason)
    default:
      return outcome satisfies never
  }
}

/** Starts no more of its tasks; those that run end by themselves. Undefined when it has ended. */
export function cancelJob(
  job: Job,
  { by, now }: { readonly by: string; readonly now: number },
): Job | undefined {
  if (job.endedAt !== undefined) return undefined
  return settle({ ...job, cancelledBy: job.cancelledBy ?? by }, now)
}

/** Runs what failed or was left out again; undefined when it has not ended, or has nothing left. */
export function retryJob({ endedAt, cancelledBy: _by, ...job }: Job): Job | undefined {
  if (endedAt === undefined || job.done === job.tasks) return undefined
  const failed = job.failures.map(({ task, place }) => ({ task, attempt: 1, ...(place && { place }) }))
  return { ...job, again: [...failed, ...job.again], failures: [] }
}

/** Ends a job of which nothing runs or is to be started. */
function settle(job: Job, now: number): Job {
  const isOver = hasStartedAll(job) && job.running.length === 0
  return isOver && job.endedAt === undefined ? { ...job, endedAt: now } : job
}

/** Whether no more tasks of it are to be started. */
function hasStartedAll(job: Job): boolean {
  const { cancelledBy, failures, again, next, tasks } = job
  const isStopped = cancelledBy !== undefined || failures.length >= MAX_FAILURES
  const isLast = next >= tasks || (next >= countBarTasks(job) && hasBars(job, failures))
  return isStopped || (again.length === 0 && isLast)
}

/** Signals follow from bars: none of their tasks is started while one of bars runs, or after one has failed. */
function areBarsDone(job: Job): boolean {
  return !hasBars(job, [...job.running, ...job.again, ...job.failures])
}

function hasBars(job: Job, tasks: readonly { readonly task: number }[]): boolean {
  const bars = countBarTasks(job)
  return tasks.some(({ task }) => task < bars)
}

/** Whoever ran them has died. */
function dropLapsed(given: Job, now: number): Job {
  let job = given
  for (const lapsed of given.running)
    if (lapsed.until <= now) {
      const running = job.running.filter((each) => each !== lapsed)
      job = lose({ ...job, running }, lapsed, 'its function ended without an answer')
    }
  return job
}

function lose(job: Job, { task, attempt, place }: Claim, reason: string): Job {
  if (attempt >= MAX_ATTEMPTS)
    return withFailure(job, { task, attempt, place }, `${reason} (${attempt} times)`)
  return { ...job, again: [...job.again, { task, attempt: attempt + 1, place }] }
}

function withFailure(job: Job, { task, place }: Claim, reason: string): Job {
  return { ...job, failures: [...job.failures, { task, reason, ...(place && { place }) }] }
}

function isHeld(job: Job, claim: Claim): boolean {
  return job.running.some((each) => isSame(each, claim))
}

function isSame(one: Claim, other: Claim): boolean {
  return one.task === other.task && one.attempt === other.attempt && isDeepStrictEqual(one.place, other.place)
}

function sumOf(one: Counts, other: Counts): Counts {
  const sum = { ...one }
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count
  return sum
}
