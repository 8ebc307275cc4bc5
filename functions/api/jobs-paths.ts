import { z } from '@hono/zod-openapi'

import { jobListSchema, type JobView, jobViewSchema, wholeJobSchema } from '../jobs/job-view.ts'
import { jobRequestSchema } from '../jobs/job-request.ts'
import { type OperatorRoute, operatorRoutes } from './operator-routes.ts'

const PROBLEMS = {
  400: 'The request is wrong: what, its value, and what is allowed',
  401: 'The API key is missing or wrong',
  403: 'The caller is no operator',
  404: 'There is no such job; or the deployment has no archive, and so no jobs',
  405: 'A method that the path does not have',
  409: 'The job has ended, or is done',
  429: 'Too many requests, or too many open jobs',
  500: 'A fault of the API',
  503: 'The API does not answer',
} as const

const JOB_ID = '20251110-172400123-k7x2'

/** A job as its list and its changes have it, after it was submitted. */
const JOB: JobView = {
  id: JOB_ID,
  type: 'rebuild',
  state: 'queued',
  symbol_count: 2,
  from: '2025-11-07T00:00:00Z',
  to: '2025-11-08T00:00:00Z',
  replace: false,
  submitted_at: '2025-11-10T17:24:00.123Z',
  submitted_by: 'ann@example.com',
  started_at: null,
  ended_at: null,
  cancelled_by: null,
  tasks: { total: 2, done: 0, failed: 0, running: 0, waiting: 2 },
  counts: {},
}

/** What is submitted, and what is answered: to a submission, a cancellation, a retry, and to a read. */
export const JOB_EXAMPLES = {
  body: { symbols: ['AAPL', 'MSFT'], from: '2025-11-07', to: '2025-11-08' },
  submitted: JOB,
  whole: { ...JOB, symbols: ['AAPL', 'MSFT'], failures: [] },
  cancelled: {
    ...JOB,
    state: 'cancelled',
    ended_at: '2025-11-10T17:25:00.000Z',
    cancelled_by: 'ann@example.com',
  },
} satisfies Record<string, unknown>

const PATHS: readonly OperatorRoute[] = [
  {
    method: 'get',
    path: '/v1/jobs',
    summary: 'Jobs',
    description: 'The jobs of the last 90 days, the newest first. For operators.',
    query: z.object({
      limit: z.int().min(1).max(200).default(50),
      page_token: z.string().optional(),
    }),
    answer: jobListSchema,
    example: { jobs: [JOB], next_page_token: null },
  },
  {
    method: 'post',
    path: '/v1/jobs',
    summary: 'Submit a job',
    description:
      'Rebuilds bars of symbols from the archive, in tasks of a day and up to 100 symbols; or, with the type `export`, writes their bars, as they are known now, to an object in S3. Times are UTC days or minutes; `to` is not in the span, and now by default; `replace` also replaces bars that have more trades than the archive. For operators.',
    body: jobRequestSchema,
    answer: jobViewSchema,
    example: JOB_EXAMPLES.submitted,
    status: 202,
  },
  {
    method: 'get',
    path: '/v1/jobs/{id}',
    summary: 'A job',
    description:
      'A job with its progress, its symbols, and which tasks have failed and why; `download` of an export that is done has a link to the object, for 15 minutes. For operators.',
    answer: wholeJobSchema,
    example: JOB_EXAMPLES.whole,
  },
  {
    method: 'delete',
    path: '/v1/jobs/{id}',
    summary: 'Cancel a job',
    description: 'Starts no more of its tasks; those that run end by themselves. For operators.',
    answer: jobViewSchema,
    example: JOB_EXAMPLES.cancelled,
    status: 202,
  },
  {
    method: 'post',
    path: '/v1/jobs/{id}/retry',
    summary: 'Retry a job',
    description:
      'Runs the tasks again that failed, and those that were left when it was cancelled. For operators.',
    answer: jobViewSchema,
    example: JOB_EXAMPLES.submitted,
    status: 202,
  },
]

/** The resources of the part `jobs`, for the OpenAPI document. */
export const JOBS_PATHS = operatorRoutes(PATHS, {
  tag: 'jobs',
  id: JOB_ID,
  body: JOB_EXAMPLES.body,
  problems: PROBLEMS,
})
