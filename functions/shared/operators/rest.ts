import * as z from 'zod'

import { type Access, operatorOf } from './operator.ts'
import type { ProblemOf, ProxyResult } from './problem.ts'

/** A request of an operator. */
export type Request = {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string | undefined>>
  /** As it was sent; undefined where there is none. */
  readonly body: string | undefined
  /** Who asks. */
  readonly by: string
}

/** What a path answers, by method. */
export type Resource = Readonly<Partial<Record<'GET' | 'POST' | 'DELETE', () => Promise<ProxyResult>>>>

/** The part of a proxy event (REST API, payload 1.0) that is read, beside who calls. */
const eventSchema = z.object({
  httpMethod: z.string(),
  path: z.string(),
  queryStringParameters: z.record(z.string(), z.string().optional()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
})

type RestOptions = {
  /** What is for operators, as a sentence begins: `Jobs`. */
  readonly subject: string
  readonly access: Access
  readonly problem: ProblemOf
  readonly answer: (request: Request) => Promise<ProxyResult>
  readonly logError: (message: string, error: unknown) => void
}

/** Answers requests of the REST API that only operators may make; what `answer` throws is our own fault. */
export function createOperatorRest({
  subject,
  access,
  problem,
  answer,
  logError,
}: RestOptions): (event: unknown) => Promise<ProxyResult> {
  return async (event) => {
    try {
      const by = operatorOf(event, access)
      if (by === undefined) return problem('not-operator', notOperator(subject, access))
      return await answer(requestOf(event, by))
    } catch (error) {
      logError('a request failed by our own fault', error)
      return problem('internal', 'This is a fault of the API, not of the request; it was logged.')
    }
  }
}

function notOperator(subject: string, access: Access): string {
  const signIn = access === 'people' ? 'sign in as somebody of the group operator, or ' : ''
  return `${subject} are for operators: ${signIn}send a key that npx tickstock keys create NAME --operator has made.`
}

function requestOf(event: unknown, by: string): Request {
  const { httpMethod: method, path, queryStringParameters, body, isBase64Encoded } = eventSchema.parse(event)
  const text = isBase64Encoded === true ? Buffer.from(body ?? '', 'base64').toString() : body
  return { method, path, query: queryStringParameters ?? {}, body: text ?? undefined, by }
}

/** Answers as the resource of a path does; undefined where there is none. */
export async function answerAt(
  resource: Resource | undefined,
  { method, path }: Pick<Request, 'method' | 'path'>,
  problem: ProblemOf,
): Promise<ProxyResult> {
  if (resource === undefined)
    return problem('not-found', `There is no ${path}; /v1/openapi.json lists what there is.`)
  const name = method === 'HEAD' ? 'GET' : method
  const [, serve] = Object.entries(resource).find(([each]) => each === name) ?? []
  if (serve !== undefined) return await serve()
  const allowed = Object.keys(resource).join(', ')
  return problem('method-not-allowed', `${method} ${path} is not possible; use ${allowed}.`, {
    allow: allowed,
  })
}

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 200

/**
 * The page of a list that a query asks for.
 *
 * @throws what `refusal` makes of a text that names the parameter that is wrong
 */
export function pageOf(
  { limit = String(DEFAULT_LIMIT), page_token: before, ...others }: Request['query'],
  refusal: (text: string) => Error,
): { readonly limit: number; readonly before?: string } {
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw refusal(`there is no parameter ${unknown}; allowed: limit, page_token`)
  if (!/^[1-9]\d{0,2}$/.test(limit) || Number(limit) > MAX_LIMIT)
    throw refusal(
      `limit is ${JSON.stringify(limit.slice(0, 100))}; allowed: a whole number from 1 to ${MAX_LIMIT}`,
    )
  if (before === '') throw refusal('page_token is ""; allowed: the next_page_token of the page before')
  return { limit: Number(limit), ...(before !== undefined && { before }) }
}

/**
 * The JSON of a body.
 *
 * @throws what `refusal` makes of a text
 */
export function bodyOf(
  { body = '' }: Pick<Request, 'body'>,
  { example, refusal }: { readonly example: string; readonly refusal: (text: string) => Error },
): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw refusal(`the body is not JSON; send ${example}`)
  }
}
