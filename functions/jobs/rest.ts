import type { Access } from '../shared/operators/operator.ts'
import { json, problemsOf, type ProxyResult } from '../shared/operators/problem.ts'
import {
  answerAt,
  bodyOf,
  createOperatorRest,
  pageOf,
  type Request,
  type Resource,
} from '../shared/operators/rest.ts'
import { BadJobError } from './job-request.ts'
import { JobRefusal, type ManagedJobs } from './manage-jobs.ts'

export type RestDeps = {
  readonly jobs: ManagedJobs
  readonly access: Access
  readonly logError: (message: string, error: unknown) => void
}

const problem = problemsOf({
  'bad-job': { status: 400, title: 'The job cannot be taken' },
  'no-job': { status: 404, title: 'There is no such job' },
  'job-ended': { status: 409, title: 'The job has ended' },
  'job-done': { status: 409, title: 'The job is done' },
  'too-many-jobs': { status: 429, title: 'Too many jobs are open' },
})

/** Answers the requests to `/v1/jobs` and what is below. */
export function createRest({ jobs, ...deps }: RestDeps): (event: unknown) => Promise<ProxyResult> {
  return createOperatorRest({ ...deps, subject: 'Jobs', problem, answer: (request) => answer(jobs, request) })
}

async function answer(jobs: ManagedJobs, request: Request): Promise<ProxyResult> {
  try {
    return await answerAt(resourceAt(jobs, request), request, problem)
  } catch (error) {
    if (error instanceof BadJobError) return problem('bad-job', error.message)
    if (error instanceof JobRefusal) return problem(error.kind, error.message)
    throw error
  }
}

const EXAMPLE = '{"symbols":["AAPL"],"from":"2025-11-10","to":"2025-11-11"}'

function badJob(text: string): BadJobError {
  return new BadJobError(text)
}

function resourceAt(jobs: ManagedJobs, request: Request): Resource | undefined {
  const { path, query, by } = request
  const [, id, action] = /^\/v1\/jobs(?:\/([^/]+)(?:\/([^/]+))?)?\/?$/.exec(path) ?? [undefined, null]
  if (id === null) return undefined
  if (id === undefined)
    return {
      GET: async () => json(200, await jobs.list(pageOf(query, badJob))),
      POST: async () =>
        json(202, await jobs.submit(bodyOf(request, { example: EXAMPLE, refusal: badJob }), by)),
    }
  if (action === undefined)
    return {
      GET: async () => json(200, await jobs.show(id)),
      DELETE: async () => json(202, await jobs.cancel(id, by)),
    }
  return action === 'retry' ? { POST: async () => json(202, await jobs.retry(id)) } : undefined
}
