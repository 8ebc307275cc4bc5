import { effect, type Signal, signal } from '@preact/signals'

import { exchange, messageOf, type PlainAnswer, request, SignedOutError } from '../api/request.ts'
import { type BuiltRequest, type Filled } from '../reference/build-request.ts'
import { describe, type Description, openApiSchema, type Operation } from '../reference/description.ts'
import { pageConfig } from './page-config.ts'
import { place } from './place.ts'
import { endSession, hasEnded, session } from './session.ts'

/** What the API says of itself; undefined until that is read. */
export const description = signal<Description | undefined>(undefined)
export const descriptionFault = signal<string | undefined>(undefined)

/** A key to send in place of the session; empty for the session. Kept in memory only. */
export const typedKey = signal('')
effect(() => {
  if (hasEnded.value) typedKey.value = ''
})

/** What came of a request. */
export type Outcome =
  | { readonly type: 'sending' }
  | { readonly type: 'answered'; readonly answer: PlainAnswer }
  | { readonly type: 'failed'; readonly reason: string }

/** The form of an operation, and what its last request came to; kept while the page is open. */
export type Form = { readonly filled: Signal<Filled>; readonly outcome: Signal<Outcome | undefined> }

const forms = new Map<string, Form>()

const AGAIN_MS = 3000

/** Reads what the API says of itself, again until it answers or the function that is returned is called. */
export function followDescription(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isOver = false
  const attempt = async (): Promise<void> => {
    await readDescription()
    if (description.value === undefined && !isOver) timer = setTimeout(() => void attempt(), AGAIN_MS)
  }
  void attempt()
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}

async function readDescription(): Promise<void> {
  try {
    description.value = describe(await request('/v1/openapi.json', { schema: openApiSchema }))
    descriptionFault.value = undefined
  } catch (error) {
    if (error instanceof SignedOutError) endSession()
    descriptionFault.value = `The description of the API cannot be read. ${messageOf(error)}`
  }
}

/** The form of an operation, at first with what it cannot do without. */
export function formOf(operation: Operation): Form {
  const known = forms.get(operation.id)
  if (known !== undefined) return known
  const needed = operation.parameters.filter(({ isRequired }) => isRequired)
  const made: Form = {
    filled: signal({
      parameters: Object.fromEntries(
        needed.map(({ name, example = '' }) => [name, shownSymbolFor(name) ?? example]),
      ),
      body: bodyOf(operation),
      accept: 'application/json',
    }),
    outcome: signal(undefined),
  }
  forms.set(operation.id, made)
  return made
}

/** Fills a form with the example of its operation. */
export function fillExample(operation: Operation): void {
  const examples = operation.parameters.map(({ name, example = '' }) => [name, example])
  const { filled } = formOf(operation)
  filled.value = {
    ...filled.value,
    parameters: Object.fromEntries(examples),
    body: bodyOf(operation),
  }
}

/** Sends a request as who is signed in, or with the key that was typed in. */
export async function send(operation: Operation, built: BuiltRequest): Promise<void> {
  const { outcome } = formOf(operation)
  const key = typedKey.value === '' ? undefined : typedKey.value
  outcome.value = { type: 'sending' }
  try {
    const answer = await exchange(built.path, { ...built, key })
    outcome.value = { type: 'answered', answer }
    if (answer.status === 401 && key === undefined) endSession()
  } catch (error) {
    outcome.value = { type: 'failed', reason: messageOf(error) }
  }
}

/** Where programs send their requests, without a slash at the end. */
export function apiAddress(): string {
  const own = pageConfig().signIn === 'session' ? session.value?.api : undefined
  return (own ?? location.origin).replace(/\/$/, '')
}

function shownSymbolFor(name: string): string | undefined {
  return name === 'symbol' || name === 'symbols' ? (place.value.symbol ?? undefined) : undefined
}

function bodyOf({ body }: Operation): string {
  return body?.example === undefined ? '' : JSON.stringify(body.example, undefined, 2)
}
