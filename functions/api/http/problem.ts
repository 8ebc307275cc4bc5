import { z } from '@hono/zod-openapi'

/** The media type of every error. */
export const PROBLEM_TYPE = 'application/problem+json'

/** An error as RFC 9457 has it; `errors` names what is wrong with the request. */
export const problemSchema = z
  .object({
    type: z
      .string()
      .openapi({ description: 'What kind of problem it is', example: 'urn:tickstock:bad-parameter' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z
      .array(z.object({ parameter: z.string(), value: z.string().nullable(), allowed: z.string() }))
      .optional()
      .openapi({ description: 'Each parameter that is wrong, its value, and what is allowed' }),
  })
  .openapi('Problem')

type Problem = z.infer<typeof problemSchema>

/** A parameter that cannot be used. */
export type BadParameter = {
  readonly parameter: string
  /** Null when it is missing. */
  readonly value: string | null
  /** What is allowed, as a phrase that follows "allowed:". */
  readonly allowed: string
}

/** Of more wrong parameters only these are named, */
const MOST_NAMED = 10
/** and of names and values so many characters. */
const MOST_CHARACTERS = 100

/** The request cannot be served; the message is for its sender. */
export class BadRequestError extends Error {
  override readonly name = 'BadRequestError'
  readonly parameters: readonly BadParameter[]

  constructor(parameters: readonly BadParameter[]) {
    const named = parameters.slice(0, MOST_NAMED).map(shortened)
    const others = parameters.length - named.length
    super(`${named.map(sentence).join('; ')}${others > 0 ? `; and ${others} more` : ''}`)
    this.parameters = named
  }
}

/** The request was given its time, and is not done; the message, for its sender, says what to ask for instead. */
export class TooSlowError extends Error {
  override readonly name = 'TooSlowError'
}

const TITLES = {
  'bad-parameter': { status: 400, title: 'A parameter is wrong' },
  'not-found': { status: 404, title: 'There is no such resource' },
  'method-not-allowed': { status: 405, title: 'This resource can only be read' },
  internal: { status: 500, title: 'The API is at fault' },
  'too-slow': { status: 503, title: 'The request takes too long' },
  unavailable: { status: 503, title: 'The data cannot be reached' },
} as const

export type ProblemKind = keyof typeof TITLES

/** The HTTP status of a kind of problem. */
export function statusOf(kind: ProblemKind): number {
  return TITLES[kind].status
}

/** Makes the response for a problem. */
export function problem(
  kind: ProblemKind,
  detail: string,
  {
    errors,
    headers,
  }: { readonly errors?: readonly BadParameter[]; readonly headers?: Record<string, string> } = {},
): Response {
  const { status, title } = TITLES[kind]
  const body: Problem = {
    type: `urn:tickstock:${kind}`,
    title,
    status,
    detail,
    ...(errors && { errors: [...errors] }),
  }
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store', ...headers },
  })
}

/** The response to a method other than GET. */
export function methodNotAllowed(method: string, path: string): Response {
  return problem('method-not-allowed', `${method} ${path} is not possible; use GET.`, {
    headers: { allow: 'GET, HEAD' },
  })
}

function sentence({ parameter, value, allowed }: BadParameter): string {
  return `${parameter} is ${value === null ? 'missing' : JSON.stringify(value)}; allowed: ${allowed}`
}

function shortened({ parameter, value, allowed }: BadParameter): BadParameter {
  return { parameter: shown(parameter), value: value === null ? null : shown(value), allowed }
}

function shown(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text
}
