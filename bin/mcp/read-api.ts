import * as z from 'zod'

import { getFromApi, type RestApi } from '../stage/deployed-api.ts'

/** What a tool asks the REST API for. */
export type Question = {
  readonly path: string
  readonly query: Readonly<Record<string, string | number | undefined>>
  /** Rows of a page; undefined where there are no pages. */
  readonly limit?: number
  /** Lists come as CSV, which takes a third of the characters of JSON. */
  readonly format: 'csv' | 'json'
}

export type Answer =
  | { readonly type: 'answered'; readonly text: string }
  /** What was wrong with the question, or with the deployment. */
  | { readonly type: 'refused'; readonly reason: string }

/** Characters of an answer; a model reads all of them. */
const MAX_CHARACTERS = 40_000
const TIMEOUT_MS = 30_000
const problemSchema = z.object({ detail: z.string() })

/**
 * Asks the REST API. Of an answer that would be too long, the page is made shorter, so that its token continues where it ends;
 * what has no pages is cut.
 */
export async function readApi(api: RestApi, question: Question): Promise<Answer> {
  for (let { limit } = question; ;) {
    const { status, text, next } = await ask(api, { ...question, ...(limit !== undefined && { limit }) })
    // An unhealthy deployment is an answer, with its reason.
    if (status >= 400 && !text.includes('"status":"unhealthy"')) return refusal(status, text)
    if (text.length <= MAX_CHARACTERS)
      return { type: 'answered', text: next === null ? text : `${text}\n${more(next)}` }
    if (limit === undefined || limit === 1) return { type: 'answered', text: cut(text) }
    limit = Math.max(1, Math.floor((0.9 * limit * MAX_CHARACTERS) / text.length))
  }
}

async function ask(
  api: RestApi,
  { path, query, limit, format }: Question,
): Promise<{ readonly status: number; readonly text: string; readonly next: string | null }> {
  const given = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...query, limit }))
    if (value !== undefined) given.set(name, String(value))
  const accept = format === 'csv' ? 'text/csv' : 'application/json'
  const response = await getFromApi(api, `${path}?${given.toString()}`, { accept, timeoutMs: TIMEOUT_MS })
  const text = (await response.text()).replaceAll('\r\n', '\n').trimEnd()
  return { status: response.status, text, next: response.headers.get('x-next-page-token') }
}

function refusal(status: number, text: string): Answer {
  const told = text.startsWith('{') ? problemSchema.safeParse(JSON.parse(text)).data?.detail : undefined
  return { type: 'refused', reason: told ?? `the API answered ${status}` }
}

function more(token: string): string {
  return `(There is more: ask again with the same arguments and page_token ${token}, or for a shorter time or a longer timeframe.)`
}

function cut(text: string): string {
  const shown = text.slice(0, text.lastIndexOf('\n', MAX_CHARACTERS) + 1 || MAX_CHARACTERS)
  return `${shown}(Cut: ${text.length - shown.length} of ${text.length} characters are left out. Ask for fewer symbols or days.)`
}
