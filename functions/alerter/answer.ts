import type { ManagedAlerts } from './manage-alerts.ts'
import { AlertRefusal, REFUSALS } from './refusal.ts'

/** A request of an operator, from the REST API or from the command line. */
export type Request = {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string | undefined>>
  /** As it was sent; undefined where there is none. */
  readonly body: string | undefined
  /** Who asks. */
  readonly by: string
}

/** What API Gateway takes as the answer of a function. */
export type Answer = {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a path below `/v1/alerts` answers, by method. */
type Resource = Readonly<Partial<Record<'GET' | 'POST' | 'DELETE', () => Promise<Answer>>>>

/** Answers a request to `/v1/alerts` or what is below; rejects when it fails by our own fault. */
export async function answerRequest(alerts: ManagedAlerts, request: Request): Promise<Answer> {
  try {
    return await serve(alerts, request)
  } catch (error) {
    if (error instanceof AlertRefusal) return problem(error.kind, error.message)
    throw error
  }
}

/** Errors as RFC 9457 has them, as those of the part `api` are. */
export function problem(
  kind: keyof typeof REFUSALS,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const { status, title } = REFUSALS[kind]
  return {
    statusCode: status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify({ type: `urn:tickstock:${kind}`, title, status, detail }),
  }
}

async function serve(alerts: ManagedAlerts, request: Request): Promise<Answer> {
  const { method, path } = request
  const resource = resourceAt(alerts, request)
  if (resource === undefined)
    throw new AlertRefusal('not-found', `There is no ${path}; /v1/openapi.json lists what there is.`)
  const name = method === 'HEAD' ? 'GET' : method
  const [, answer] = Object.entries(resource).find(([each]) => each === name) ?? []
  if (answer !== undefined) return await answer()
  const allowed = Object.keys(resource).join(', ')
  return problem('method-not-allowed', `${method} ${path} is not possible; use ${allowed}.`, {
    allow: allowed,
  })
}

function resourceAt(alerts: ManagedAlerts, request: Request): Resource | undefined {
  const [first, second, third, ...more] = request.path
    .replace(/^\/v1\/alerts\/?/, '')
    .replace(/\/$/, '')
    .split('/')
  if (more.length > 0) return undefined
  if (first === undefined || first === '')
    return {
      GET: async () => json(200, await alerts.list()),
      POST: async () => json(201, await alerts.add(bodyOf(request), request.by)),
    }
  if (first === 'firings') return firingsAt(alerts, request, [second, third])
  if (third !== undefined) return undefined
  if (second === 'test') return { POST: async () => json(200, await alerts.test(first)) }
  if (second !== undefined) return undefined
  return {
    GET: async () => json(200, await alerts.show(first)),
    DELETE: async () => json(200, await alerts.remove(first)),
  }
}

function firingsAt(
  alerts: ManagedAlerts,
  request: Request,
  [id, action]: readonly [string | undefined, string | undefined],
): Resource | undefined {
  if (id === undefined) return { GET: async () => json(200, await alerts.firings(pageOf(request))) }
  return action === 'retry' ? { POST: async () => json(202, await alerts.retry(id)) } : undefined
}

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 200

/** @throws AlertRefusal naming the parameter that is wrong */
function pageOf({ query }: Request): { readonly limit: number; readonly before?: string } {
  const { limit = String(DEFAULT_LIMIT), page_token: before, ...others } = query
  const [unknown] = Object.keys(others)
  const bad = (text: string) => new AlertRefusal('bad-parameter', text)
  if (unknown !== undefined) throw bad(`there is no parameter ${unknown}; allowed: limit, page_token`)
  if (!/^[1-9]\d{0,2}$/.test(limit) || Number(limit) > MAX_LIMIT)
    throw bad(
      `limit is ${JSON.stringify(limit.slice(0, 100))}; allowed: a whole number from 1 to ${MAX_LIMIT}`,
    )
  if (before === '') throw bad('page_token is ""; allowed: the next_page_token of the page before')
  return { limit: Number(limit), ...(before !== undefined && { before }) }
}

/** @throws AlertRefusal when it is no JSON */
function bodyOf({ body }: Request): unknown {
  try {
    return JSON.parse(body ?? '')
  } catch {
    throw new AlertRefusal(
      'bad-rule',
      'the body is not JSON; send {"condition":"rsi_14 crosses above 70","symbols":["AAPL"],"webhook":"https://example.com/alerts"}',
    )
  }
}

function json(statusCode: number, body: unknown): Answer {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(body),
  }
}
