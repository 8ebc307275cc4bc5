import { cancelJob, newJob, retryJob } from './evolve-job.ts'
import { type Job, stateOf } from './job.ts'
import { newId } from '../shared/runtime/timed-id.ts'
import { type JobList, type JobView, type Link, viewOf, type WholeJob, wholeViewOf } from './job-view.ts'
import { readJobRequest } from './job-request.ts'
import { type JobStore, MAX_OPEN } from './job-store.ts'
import { closeJob, updateJob } from './update-job.ts'

export type ManageDeps = {
  readonly store: JobStore
  /** A link to the object of an export, which anybody may open for some minutes. */
  readonly linkTo: (key: string) => Promise<Link>
  /** So many days an export is kept. */
  readonly exportDays: number
  /** Lets the tasks of open jobs be run, without waiting for them; a schedule does so too. */
  readonly start: () => Promise<void>
  /** The wall clock, in Unix milliseconds. */
  readonly now: () => number
}

const DAY_MS = 86_400_000

/** Why something cannot be done with jobs; the message is for whoever asked. */
export class JobRefusal extends Error {
  override readonly name = 'JobRefusal'
  readonly kind: 'no-job' | 'job-ended' | 'job-done' | 'too-many-jobs'

  constructor(kind: JobRefusal['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

/** What can be done with jobs; each rejects with a JobRefusal where it cannot be. */
export type ManagedJobs = {
  /** @throws BadJobError when the body is wrong */
  submit(body: unknown, by: string): Promise<JobView>
  list(page: { readonly limit: number; readonly before?: string | undefined }): Promise<JobList>
  show(id: string): Promise<WholeJob>
  cancel(id: string, by: string): Promise<JobView>
  retry(id: string): Promise<JobView>
}

export function manageJobs({ store, start, now, ...exports }: ManageDeps): ManagedJobs {
  const linkOf = async ({ endedAt, ...job }: Job, { key }: { readonly key: string }) => {
    const isThere = endedAt !== undefined && now() < endedAt + exports.exportDays * DAY_MS
    return isThere && stateOf({ ...job, endedAt }) === 'done' ? await exports.linkTo(key) : null
  }
  return {
    submit: async (body, by) => {
      const at = now()
      const id = newId(at)
      const spec = readJobRequest(body, { id, at })
      const job = newJob(spec, { id, at, by })
      if ((await store.create(job, spec)) === 'full') throw tooMany()
      await start()
      return viewOf(job)
    },
    list: async (page) => {
      const { jobs, next = null } = await store.list(page)
      return { jobs: jobs.map(viewOf), next_page_token: next }
    },
    show: async (id) => {
      const stored = await store.read(id)
      const spec = stored && (await store.readSpec(id))
      if (stored === undefined || spec === undefined) throw noJob(id)
      const view = wholeViewOf(stored.job, spec)
      return spec.export === undefined ? view : { ...view, download: await linkOf(stored.job, spec.export) }
    },
    cancel: async (id, by) => {
      let isOpen = false
      const job = await updateJob(store, id, (given) => {
        const cancelled = cancelJob(given, { by, now: now() })
        isOpen = cancelled !== undefined
        return cancelled
      })
      if (job === undefined) throw noJob(id)
      if (!isOpen) throw new JobRefusal('job-ended', `the job ${id} has ended: it is ${viewOf(job).state}`)
      if (job.endedAt !== undefined) await closeJob(store, id)
      return viewOf(job)
    },
    retry: async (id) => {
      const job = await updateJob(store, id, retryJob)
      if (job === undefined) throw noJob(id)
      if (job.endedAt !== undefined)
        throw new JobRefusal('job-done', `all tasks of the job ${id} are done: submit another job`)
      // Also of a job that is open already, since whoever opened it may have died before this.
      if ((await store.reopen(id)) === 'full') throw tooMany()
      await start()
      return viewOf(job)
    },
  }
}

function noJob(id: string): JobRefusal {
  return new JobRefusal(
    'no-job',
    `there is no job ${JSON.stringify(id.slice(0, 100))}; jobs are kept for 90 days`,
  )
}

function tooMany(): JobRefusal {
  return new JobRefusal(
    'too-many-jobs',
    `${MAX_OPEN} jobs have not ended yet: wait until some have, or cancel some`,
  )
}
