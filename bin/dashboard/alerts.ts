import * as z from 'zod'

import type { Answer } from './answer.ts'
import { readBody } from './body.ts'
import { type Asked, wrongMethod } from './routes.ts'

const PREFIX = '/v1/alerts'
/** Who is signed in to the dashboard of this machine. */
const WHO = 'operator on this machine'

const methodSchema = z.enum(['GET', 'POST', 'DELETE'])

/** Whether a path is one of those that the part `alerter` answers. */
export function isOfAlerts(path: string): boolean {
  return path === PREFIX || path.startsWith(`${PREFIX}/`)
}

/** Answers as `/v1/alerts` of the REST API, for whoever is signed in here: the key of this dashboard only reads. */
export async function serveAlerts({ backend, request, url }: Asked): Promise<Answer> {
  const { method: given = 'GET' } = request
  const method = methodSchema.safeParse(given === 'HEAD' ? 'GET' : given).data
  const path = url.pathname
  if (method === undefined) return wrongMethod(given, path, 'GET, POST, DELETE')
  const query = Object.fromEntries(url.searchParams)
  const body = method === 'POST' ? await readBody(request, z.unknown()) : undefined
  const asked = { method, path, query, by: WHO }
  const answer = await backend.alerts(body === undefined ? asked : { ...asked, body: JSON.stringify(body) })
  if (method !== 'GET' && answer.statusCode < 300) backend.actions.record(`alerts: ${method} ${path}`)
  return { status: answer.statusCode, headers: { ...answer.headers }, body: answer.body }
}
