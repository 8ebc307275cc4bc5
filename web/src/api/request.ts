import * as z from 'zod/mini'

import { addressOf } from './addresses.ts'
import { Slots } from './slots.ts'

const TIMEOUT_MS = 20_000
/** Requests at a time: a page that asks for all at once is refused by the limits of its API. */
const MOST_AT_ONCE = 4
/** A read that the API is too busy for is sent again after these. */
const RETRY_MS = [500, 1500, 4000]

/** An answer that is an error, in the words of the API. */
class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Nobody is signed in any longer. */
export class SignedOutError extends Error {
  override readonly name = 'SignedOutError'
}

type Options<Answer> = {
  readonly schema: z.ZodMiniType<Answer>
  readonly parameters?: Readonly<Record<string, string | undefined>>
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly body?: unknown
  /** Also an answer with this status is one, beside those from 200 to 299. */
  readonly alsoStatus?: number
  readonly signal?: AbortSignal | undefined
}

const problemSchema = z.object({ title: z.optional(z.string()), detail: z.optional(z.string()) })

/**
 * Sends a request and reads its JSON.
 *
 * @throws ProblemError for an answer that is an error; SignedOutError for 401; TypeError where there is no answer
 */
export async function request<Answer>(path: string, options: Options<Answer>): Promise<Answer> {
  const { schema, parameters = {}, method = 'GET', alsoStatus } = options
  const address = addressOf({ path, parameters })
  for (let attempt = 0; ; attempt++) {
    const { response, text } = await slots.run(() => send(address, options))
    if (response.status === 401) throw new SignedOutError('The session has ended.')
    const found = jsonOf(text)
    if (response.ok && found === undefined) throw new ProblemError(response.status, 'The answer is not JSON.')
    if (response.ok) return schema.parse(found)
    const also = response.status === alsoStatus ? schema.safeParse(found) : undefined
    if (also?.success) return also.data
    const wait = RETRY_MS[attempt]
    if (method !== 'GET' || wait === undefined || ![429, 503].includes(response.status))
      throw new ProblemError(response.status, problemText(response, found))
    await new Promise((resolve) => void setTimeout(resolve, wait))
  }
}

let token: () => string | undefined = () => undefined

/** Sends a token with each request from now on, rather than the cookie of a session alone. */
export function sendTokens(source: () => string | undefined): void {
  token = source
}

function headersOf(method: string): Record<string, string> {
  const bearer = token()
  return {
    ...(method !== 'GET' && { 'content-type': 'application/json' }),
    ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
  }
}

async function send(
  address: string,
  { method = 'GET', body, signal }: Options<unknown>,
): Promise<{ readonly response: Response; readonly text: string }> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  const response = await fetch(address, {
    method,
    credentials: 'same-origin',
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    headers: headersOf(method),
    ...(method !== 'GET' && { body: JSON.stringify(body ?? {}) }),
  })
  return { response, text: await response.text() }
}

/** An answer as it came. */
export type PlainAnswer = {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly text: string
  /** From the request to the end of the answer. */
  readonly milliseconds: number
}

/**
 * Sends one request, and gives the answer whatever it is.
 *
 * @param options.key sent in place of what says who is signed in
 * @throws TypeError where there is no answer
 */
export async function exchange(
  address: string,
  { method, accept, body, key }: ExchangeOptions,
): Promise<PlainAnswer> {
  const { 'content-type': type, authorization } = headersOf(method)
  const started = performance.now()
  const response = await fetch(address, {
    method,
    credentials: 'same-origin',
    // So that the time is that of the API.
    cache: 'no-store',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: {
      accept,
      ...(type !== undefined && { 'content-type': type }),
      ...(key !== undefined && { 'x-api-key': key }),
      ...(key === undefined && authorization !== undefined && { authorization }),
    },
    ...(method !== 'GET' && { body: body ?? '{}' }),
  })
  const text = await response.text()
  const milliseconds = performance.now() - started
  return { status: response.status, headers: [...response.headers], text, milliseconds }
}

type ExchangeOptions = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly accept: string
  readonly body: string | undefined
  readonly key: string | undefined
}

const slots = new Slots(MOST_AT_ONCE)

/** What an error says to a reader. */
export function messageOf(error: unknown): string {
  if (error instanceof z.core.$ZodError) return 'The answer has another form than this page knows.'
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return `There was no answer within ${TIMEOUT_MS / 1000} s.`
  if (error instanceof TypeError) return 'The server cannot be reached.'
  return error instanceof Error ? error.message : String(error)
}

function problemText({ status, statusText }: Response, answer: unknown): string {
  const found = problemSchema.safeParse(answer)
  return found.data?.detail ?? found.data?.title ?? `The server answered ${status} ${statusText}.`
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
