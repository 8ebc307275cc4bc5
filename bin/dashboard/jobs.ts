import * as z from 'zod'

import { JobRefusedError, type JobsClient } from '../stage/jobs/call-jobs.ts'
import { type Answer, json, problem, RefusedError } from './answer.ts'
import type { Backend } from './backend.ts'
import { readBody } from './body.ts'
import { type Asked, wrongMethod } from './routes.ts'

const PREFIX = '/v1/jobs'
/** Who is signed in to the dashboard of this machine. */
const WHO = 'operator on this machine'
const LISTED = 50

/** Whether a path is one of those that the part `jobs` answers. */
export function isOfJobs(path: string): boolean {
  return path === PREFIX || path.startsWith(`${PREFIX}/`)
}

/** What the part refuses, as its own REST API answers it. */
const STATUS: Readonly<Record<string, number>> = {
  'bad-job': 400,
  'no-job': 404,
  'job-ended': 409,
  'job-done': 409,
  'too-many-jobs': 429,
}

/**
 * Answers as `/v1/jobs` of the REST API, for whoever is signed in here: the key of this dashboard only reads.
 *
 * @throws RefusedError for what cannot be done
 */
export async function serveJobs(asked: Asked): Promise<Answer> {
  const { backend, request, url } = asked
  const { method = 'GET' } = request
  const [id, action, ...more] = url.pathname.slice(PREFIX.length + 1).split('/')
  try {
    if (id === undefined || id === '') return await ofAll(asked, method)
    if (action === undefined) return await ofOne(backend, method, decodeURIComponent(id))
    if (action !== 'retry' || more.length > 0) throw new RefusedError(noPath(url.pathname))
    if (method !== 'POST') return wrongMethod(method, url.pathname, 'POST')
    return done(backend, await backend.jobs.retry(decodeURIComponent(id)), 'retried')
  } catch (error) {
    const status = error instanceof JobRefusedError ? STATUS[error.kind] : undefined
    if (!(error instanceof JobRefusedError) || status === undefined) throw error
    throw new RefusedError(problem(status, error.kind, { title: 'It cannot be done', detail: error.message }))
  }
}

async function ofAll({ backend, request, url }: Asked, method: string): Promise<Answer> {
  if (method === 'GET' || method === 'HEAD') return json(await backend.jobs.list({ limit: LISTED }))
  if (method !== 'POST') return wrongMethod(method, url.pathname, 'GET, POST')
  return done(backend, await backend.jobs.submit(await readBody(request, z.unknown()), WHO), 'submitted')
}

async function ofOne(backend: Backend, method: string, id: string): Promise<Answer> {
  if (method === 'GET' || method === 'HEAD') return json(await backend.jobs.show(id))
  if (method !== 'DELETE') return wrongMethod(method, `${PREFIX}/${id}`, 'GET, DELETE')
  return done(backend, await backend.jobs.cancel(id, WHO), 'cancelled')
}

function done(
  { actions }: Backend,
  job: Awaited<ReturnType<JobsClient['submit']>>,
  what: 'submitted' | 'cancelled' | 'retried',
): Answer {
  actions.record(`job ${what}: ${job.id}`)
  return json(job, 202)
}

function noPath(path: string): Answer {
  return problem(404, 'not-found', { title: 'There is no such resource', detail: `there is no ${path}` })
}
