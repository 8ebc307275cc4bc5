import { type Claim, claimTask, endTask, type Outcome, renewLease } from './evolve-job.ts'
import type { Job } from './job.ts'
import { timeOf } from '../shared/runtime/timed-id.ts'
import type { JobStore } from './job-store.ts'
import { type JobTask, taskOf } from './tasks.ts'
import { closeJob, updateJob } from './update-job.ts'

export type RunDeps = {
  readonly store: JobStore
  /** Calls the rebuilder, and waits for it. */
  readonly rebuild: (task: JobTask) => Promise<Outcome>
  /** Tasks that run at the same time, whoever runs them. */
  readonly concurrency: number
  /** The wall clock, in Unix milliseconds. */
  readonly now: () => number
  /** Waits so many milliseconds, or until it is aborted. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>
  /** Takes each job that has ended. */
  readonly ended: (job: Job) => void
}

/** Whoever runs a task renews its lease this often; when it has died, another takes the task when the lease ends. */
const RENEW_MS = 5000
const LEASE_MS = 20_000
/** So long after a task was lost it is tried again, and that much longer after each further time. */
const LOST_MS = 2000
/** How often those who wait for a task look. */
const POLL_MS = 1000
/** A job that is open and was not written by then never will be. */
const ABANDONED_MS = 300_000

/** Runs tasks of open jobs, those of the oldest job first, and starts none at `until` (Unix milliseconds) or later. */
export async function runJobs(deps: RunDeps, until: number): Promise<void> {
  const lane = async (): Promise<void> => {
    while (deps.now() < until) {
      const next = await nextTask(deps)
      if (next.type === 'idle') return
      if (next.type === 'busy') await deps.wait(POLL_MS)
      else await runTask(deps, next)
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: deps.concurrency }, lane))
  for (const each of lanes) if (each.status === 'rejected') throw each.reason
}

type Claimed = { readonly type: 'claimed'; readonly job: Job; readonly claim: Claim }
type Next = Claimed | { readonly type: 'busy' } | { readonly type: 'idle' }

/** Claims a task of the oldest job. Jobs after it wait, so that no more tasks run than may. */
async function nextTask({ store, concurrency, now, ended }: RunDeps): Promise<Next> {
  for (const id of await store.open()) {
    let claim: Claim | undefined
    let hasEnded = false
    const job = await updateJob(store, id, (given) => {
      const offer = claimTask(given, concurrency, { now: now(), until: now() + LEASE_MS })
      claim = offer.type === 'claimed' ? offer.claim : undefined
      hasEnded = offer.type === 'ended' && given.endedAt === undefined
      return offer.job
    })
    if (job !== undefined && claim !== undefined) return { type: 'claimed', job, claim }
    if (job !== undefined && job.endedAt === undefined) return { type: 'busy' }
    if (job !== undefined && hasEnded) ended(job)
    if (job !== undefined || !(timeOf(id) + ABANDONED_MS > now())) await closeJob(store, id)
  }
  return { type: 'idle' }
}

async function runTask(deps: RunDeps, { job, claim }: Claimed): Promise<void> {
  const { store, rebuild, now } = deps
  const spec = await store.readSpec(job.id)
  if (spec === undefined) throw new Error(`the spec of the job ${job.id} is not in the table`)
  const over = new AbortController()
  const [result] = await Promise.allSettled([
    rebuild(taskOf(spec, claim.task, claim.place)).finally(() => over.abort()),
    keepLease(deps, { job, claim, signal: over.signal }),
  ])
  const outcome: Outcome =
    result.status === 'fulfilled' ? result.value : { type: 'lost', reason: messageOf(result.reason) }
  // Too many functions may run, or the network be away.
  if (outcome.type === 'lost') await deps.wait(claim.attempt * LOST_MS)
  let endsIt = false
  const after = await updateJob(store, job.id, (given) => {
    const next = endTask(given, claim, { outcome, now: now() })
    endsIt = next?.endedAt !== undefined
    return next
  })
  if (after === undefined || !endsIt) return
  deps.ended(after)
  await closeJob(store, job.id)
}

async function keepLease(
  { store, now, wait }: RunDeps,
  { job, claim, signal }: { readonly job: Job; readonly claim: Claim; readonly signal: AbortSignal },
): Promise<void> {
  for (;;) {
    await wait(RENEW_MS, signal)
    if (signal.aborted) return
    await updateJob(store, job.id, (given) => renewLease(given, claim, now() + LEASE_MS))
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
