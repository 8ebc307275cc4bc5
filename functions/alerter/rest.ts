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
import type { ManagedAlerts } from './manage-alerts.ts'
import { AlertRefusal, REFUSALS } from './refusal.ts'

export type RestDeps = {
  readonly alerts: ManagedAlerts
  readonly access: Access
  readonly logError: (message: string, error: unknown) => void
}

const problem = problemsOf(REFUSALS)

/** Answers requests of the REST API to `/v1/alerts` and what is below. */
export function createRest({ alerts, ...deps }: RestDeps): (event: unknown) => Promise<ProxyResult> {
  const answer = (request: Request) => answerRequest(alerts, request)
  return createOperatorRest({ ...deps, subject: 'Alerts', problem, answer })
}

/** Answers a request to `/v1/alerts` or what is below; rejects when it fails by our own fault. */
export async function answerRequest(alerts: ManagedAlerts, request: Request): Promise<ProxyResult> {
  try {
    return await answerAt(resourceAt(alerts, request), request, problem)
  } catch (error) {
    if (error instanceof AlertRefusal) return problem(error.kind, error.message)
    throw error
  }
}

const RULE = {
  example: '{"condition":"rsi_14 crosses above 70","symbols":["AAPL"],"to":"https://example.com/alerts"}',
  refusal: (text: string) => new AlertRefusal('bad-rule', text),
}

function badParameter(text: string): AlertRefusal {
  return new AlertRefusal('bad-parameter', text)
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
      POST: async () => json(201, await alerts.add(bodyOf(request, RULE), request.by)),
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
  { query }: Request,
  [id, action]: readonly [string | undefined, string | undefined],
): Resource | undefined {
  if (id === undefined)
    return { GET: async () => json(200, await alerts.firings(pageOf(query, badParameter))) }
  return action === 'retry' ? { POST: async () => json(202, await alerts.retry(id)) } : undefined
}
