import { retryOnConflict } from '../shared/dynamodb/retry-on-conflict.ts'
import type { Job } from './job.ts'
import type { JobStore } from './job-store.ts'

/**
 * Changes a job, whoever changes it at the same time.
 *
 * @param evolve the job after the change; undefined to leave it as it is
 * @returns the job as it is now; undefined when there is none
 */
export async function updateJob(
  store: Pick<JobStore, 'read' | 'commit'>,
  id: string,
  evolve: (job: Job) => Job | undefined,
): Promise<Job | undefined> {
  let job: Job | undefined
  const left = await retryOnConflict(
    [id],
    async () => {
      const stored = await store.read(id)
      job = stored?.job
      const next = stored && evolve(stored.job)
      if (stored === undefined || next === undefined || next === stored.job) return []
      job = next
      return (await store.commit(next, stored.version)) === 'committed' ? [] : [id]
    },
    { nameOf: () => `the job ${id}` },
  )
  for (const error of left.values()) throw error
  return job
}

/** Takes a job that has ended from those that are open, unless it was opened again meanwhile. */
export async function closeJob(
  store: Pick<JobStore, 'read' | 'close' | 'reopen'>,
  id: string,
): Promise<void> {
  await store.close(id)
  const stored = await store.read(id)
  if (stored !== undefined && stored.job.endedAt === undefined) await store.reopen(id)
}
