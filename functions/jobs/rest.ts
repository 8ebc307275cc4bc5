import * as z from 'zod'

import { BadJobError } from './job-request.ts'
import { JobRefusal, type ManagedJobs } from './manage-jobs.ts'
import { operatorOf } from '../shared/access/operator.ts'
import { problem, type ProxyResult } from './problem.ts'

export type RestDeps = {
  readonly jobs: ManagedJobs
  /** Who says that a caller is an operator. */
  readonly access: 'keys' | 'clients' | 'people'
  readonly logError: (message: string, error: unknown) => void
}

/** The part of a proxy event (REST API, payload 1.0) that is read, beside who calls. */
const eventSchema = z.object({
  httpMethod: z.string(),
  path: z.string(),
  queryStringParameters: z.record(z.string(), z.string().optional()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
})
type Event = z.infer<typeof eventSchema>

/** What a path below `/v1/jobs` answers, by method. */
type Resource = Readonly<Partial<Record<'GET' | 'POST' | 'DELETE', () => Promise<ProxyResult>>>>

/** Answers the requests to `/v1/jobs` and what is below. */
export function createRest(deps: RestDeps): (event: unknown) => Promise<ProxyResult> {
  return async (event) => {
    try {
      const by = operatorOf(event, deps.access)
      if (by === undefined) return problem('not-operator', NOT_OPERATOR[deps.access])
      return await answer(deps.jobs, eventSchema.parse(event), by)
    } catch (error) {
      if (error instanceof BadJobError) return problem('bad-job', error.message)
      if (error instanceof JobRefusal) return problem(error.kind, error.message)
      deps.logError('a request failed by our own fault', error)
      return problem('internal', 'This is a fault of the API, not of the request; it was logged.')
    }
  }
}

const SEND_KEY = 'Jobs are for operators: send a key that npx tickstock keys create NAME --operator has made.'

const NOT_OPERATOR = {
  keys: SEND_KEY,
  clients: SEND_KEY,
  people:
    'Jobs are for operators: sign in as somebody of the group operator, or send a key that npx tickstock keys create NAME --operator has made.',
}

async function answer(jobs: ManagedJobs, event: Event, by: string): Promise<ProxyResult> {
  const resource = resourceAt(jobs, event, by)
  if (resource === undefined)
    return problem('not-found', `There is no ${event.path}; /v1/openapi.json lists what there is.`)
  const method = event.httpMethod === 'HEAD' ? 'GET' : event.httpMethod
  const [, serve] = Object.entries(resource).find(([name]) => name === method) ?? []
  if (serve !== undefined) return await serve()
  const allowed = Object.keys(resource).join(', ')
  return problem('method-not-allowed', `${event.httpMethod} ${event.path} is not possible; use ${allowed}.`, {
    allow: allowed,
  })
}

function resourceAt(jobs: ManagedJobs, event: Event, by: string): Resource | undefined {
  const [, id, action] = /^\/v1\/jobs(?:\/([^/]+)(?:\/([^/]+))?)?\/?$/.exec(event.path) ?? [undefined, null]
  if (id === null) return undefined
  if (id === undefined)
    return {
      GET: async () => json(200, await jobs.list(pageOf(event))),
      POST: async () => json(202, await jobs.submit(bodyOf(event), by)),
    }
  if (action === undefined)
    return {
      GET: async () => json(200, await jobs.show(id)),
      DELETE: async () => json(202, await jobs.cancel(id, by)),
    }
  return action === 'retry' ? { POST: async () => json(202, await jobs.retry(id)) } : undefined
}

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 200

/** @throws BadJobError naming the parameter that is wrong */
function pageOf({ queryStringParameters }: Event): { readonly limit: number; readonly before?: string } {
  const { limit = String(DEFAULT_LIMIT), page_token: before, ...others } = queryStringParameters ?? {}
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    throw new BadJobError(`there is no parameter ${unknown}; allowed: limit, page_token`)
  if (!/^[1-9]\d{0,2}$/.test(limit) || Number(limit) > MAX_LIMIT)
    throw new BadJobError(`limit is ${JSON.stringify(limit)}; allowed: a whole number from 1 to ${MAX_LIMIT}`)
  if (before === '')
    throw new BadJobError('page_token is ""; allowed: the next_page_token of the page before')
  return { limit: Number(limit), ...(before !== undefined && { before }) }
}

/** @throws BadJobError when it is no JSON */
function bodyOf({ body, isBase64Encoded }: Event): unknown {
  const text = isBase64Encoded === true ? Buffer.from(body ?? '', 'base64').toString() : (body ?? '')
  try {
    return JSON.parse(text)
  } catch {
    throw new BadJobError(
      'the body is not JSON; send {"symbols":["AAPL"],"from":"2025-11-10","to":"2025-11-11"}',
    )
  }
}

function json(statusCode: number, body: unknown): ProxyResult {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(body),
  }
}
