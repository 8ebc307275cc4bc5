import { createRoute, z } from '@hono/zod-openapi'

import { jobListSchema, jobViewSchema, wholeJobSchema } from '../jobs/job-view.ts'
import { jobRequestSchema } from '../jobs/job-request.ts'
import { PROBLEM_TYPE, problemSchema } from './http/problem.ts'

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

type Described = {
  readonly method: 'get' | 'post' | 'delete'
  readonly path: string
  readonly summary: string
  readonly description: string
  readonly answer: z.ZodType
  readonly status?: 200 | 202
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
}

const ID = z.object({ id: z.string().openapi({ example: '20251110-172400123-k7x2' }) })

const PATHS: readonly Described[] = [
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
  },
  {
    method: 'post',
    path: '/v1/jobs',
    summary: 'Submit a job',
    description:
      'Rebuilds bars of symbols from the archive, in tasks of a day and up to 100 symbols. Times are UTC days or minutes; `to` is not in the span, and now by default; `replace` also replaces bars that have more trades than the archive. For operators.',
    body: jobRequestSchema,
    answer: jobViewSchema,
    status: 202,
  },
  {
    method: 'get',
    path: '/v1/jobs/{id}',
    summary: 'A job',
    description: 'A job with its progress, its symbols, and which tasks have failed and why. For operators.',
    answer: wholeJobSchema,
  },
  {
    method: 'delete',
    path: '/v1/jobs/{id}',
    summary: 'Cancel a job',
    description: 'Starts no more of its tasks; those that run end by themselves. For operators.',
    answer: jobViewSchema,
    status: 202,
  },
  {
    method: 'post',
    path: '/v1/jobs/{id}/retry',
    summary: 'Retry a job',
    description:
      'Runs the tasks again that failed, and those that were left when it was cancelled. For operators.',
    answer: jobViewSchema,
    status: 202,
  },
]

/** The resources of the part `jobs`, for the OpenAPI document. */
export const JOBS_PATHS = PATHS.map(
  ({ method, path, summary, description, answer, status = 200, query, body }) =>
    createRoute({
      method,
      path,
      summary,
      description,
      tags: ['jobs'],
      security: [{ apiKey: [] }],
      request: {
        ...(path.includes('{id}') && { params: ID }),
        ...(query && { query }),
        ...(body && { body: { required: true, content: { 'application/json': { schema: body } } } }),
      },
      responses: {
        [status]: { description: 'What was asked for', content: { 'application/json': { schema: answer } } },
        ...Object.fromEntries(
          Object.entries(PROBLEMS).map(([code, text]) => [
            code,
            { description: text, content: { [PROBLEM_TYPE]: { schema: problemSchema } } },
          ]),
        ),
      },
    }),
)
