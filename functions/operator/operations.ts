import type { APIGatewayProxyResult } from 'aws-lambda'
import * as z from 'zod'

import type { RedriveDeps } from '../shared/dead-letters/redrive.ts'
import {
  discardDeadLetter,
  listDeadLetters,
  MayBeAppliedError,
  NoDeadLetterError,
  redriveDeadLetter,
} from '../shared/dead-letters/settle.ts'
import { FLAG_ABOUT, FLAG_NAMES, type FlagName, flagSchema } from '../shared/runtime/flag-names.ts'
import { type Actions, BusyError } from './actions.ts'
import { type Asked, readAsked } from './asked.ts'
import type { CostSoFar } from './cost-so-far.ts'
import type { Figures } from './figures.ts'
import type { Flags } from './flags.ts'
import { json, problem, RefusedError } from './answer.ts'

/** What the operations work on. */
export type OperationsDeps = {
  readonly flags: Flags
  readonly actions: Actions
  readonly deadLetters: RedriveDeps
  readonly figures: () => Promise<Figures>
  readonly costSoFar: () => Promise<CostSoFar>
  readonly logError: (message: string, details: Readonly<Record<string, unknown>>) => void
}

type Operation = {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly serve: (deps: OperationsDeps, asked: Asked) => Promise<unknown>
}

const keySchema = z.strictObject({ key: z.string().min(1).max(1024) })
const valueSchema = z.strictObject({ value: flagSchema })
const DONE = { done: true }
const MOST_LISTED = 200

/** By path. What is read, everybody may read who is let in; what changes something is for operators. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  '/system': { method: 'GET', serve: readSystem },
  '/actions': { method: 'GET', serve: async ({ actions }) => ({ items: await actions.list() }) },
  '/dead-letters': {
    method: 'GET',
    serve: async ({ deadLetters }, asked) => await listDeadLetters(deadLetters.bucket, limitOf(asked)),
  },
  '/dead-letters/redrive': {
    method: 'POST',
    serve: async (deps, asked) => {
      const { key } = bodyOf(asked, keySchema)
      const work = async (): Promise<void> => await redriveDeadLetter(deps.deadLetters, key)
      await recorded(deps, `dead letter redriven: ${key}`, { asked, work: () => deps.actions.alone(work) })
      return DONE
    },
  },
  '/dead-letters/discard': {
    method: 'POST',
    serve: async (deps, asked) => {
      const { key } = bodyOf(asked, keySchema)
      const work = async (): Promise<void> => await discardDeadLetter(deps.deadLetters.bucket, key)
      await recorded(deps, `dead letter discarded: ${key}`, { asked, work: () => deps.actions.alone(work) })
      return DONE
    },
  },
  ...Object.fromEntries(FLAG_NAMES.map((name) => [`/flags/${name}`, flagOperation(name)])),
}

/** A Lambda handler of the proxy events of a REST API behind the authorizer. */
export function createOperations(deps: OperationsDeps): (event: unknown) => Promise<APIGatewayProxyResult> {
  return async (event) => {
    const asked = readAsked(event)
    try {
      return json(200, await operationOf(asked).serve(deps, asked))
    } catch (error) {
      return answerTo(error, asked, deps)
    }
  }
}

/** @throws RefusedError when there is none, or who asks may not */
function operationOf({ method, path, isOperator }: Asked): Operation {
  const operation = Object.hasOwn(OPERATIONS, path) ? OPERATIONS[path] : undefined
  if (operation === undefined)
    throw new RefusedError(problem(404, 'not-found', `There is no ${JSON.stringify(path)} here.`))
  if (method !== operation.method)
    throw new RefusedError(
      problem(405, 'method-not-allowed', `${method} is not possible; use ${operation.method}.`, {
        allow: operation.method,
      }),
    )
  if (operation.method !== 'GET' && !isOperator)
    throw new RefusedError(
      problem(403, 'not-an-operator', 'Only members of the group operator may do this: docs/access.md.'),
    )
  return operation
}

async function readSystem({ flags, figures, costSoFar }: OperationsDeps): Promise<unknown> {
  const [found, known, cost] = await Promise.all([flags.list(), figures(), costSoFar()])
  const shown = [...found].map(([name, value]) => ({ name, value, about: FLAG_ABOUT[name] }))
  return { now: Date.now(), ...known, flags: shown, costSoFar: cost }
}

function flagOperation(name: FlagName): Operation {
  return {
    method: 'PUT',
    serve: async (deps, asked) => {
      const { flags } = deps
      const { value } = bodyOf(asked, valueSchema)
      if (!flags.names.includes(name))
        throw new RefusedError(
          problem(404, 'no-flag', `This stage has no flag ${name}, only ${flags.names.join(', ')}.`),
        )
      await recorded(deps, `flag ${name} ${value}`, { asked, work: () => flags.set(name, value) })
      return DONE
    },
  }
}

/** Records before the work, so that nothing is done without a record, and again when it is not done. */
async function recorded(
  { actions }: OperationsDeps,
  what: string,
  { asked, work }: { readonly asked: Asked; readonly work: () => Promise<void> },
): Promise<void> {
  await actions.record(asked.who, what)
  try {
    await work()
  } catch (error) {
    await actions.record(asked.who, `not done: ${what}`)
    throw error
  }
}

function bodyOf<Shape>({ body }: Asked, schema: z.ZodType<Shape>): Shape {
  const parsed = schema.safeParse(parseJson(body))
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`)
  throw new RefusedError(problem(400, 'bad-body', faults.join('; ')))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new RefusedError(problem(400, 'bad-body', 'the body is not JSON'))
  }
}

function limitOf({ parameters }: Asked): number {
  const text = parameters['limit'] ?? '50'
  const limit = Number(text)
  if (/^\d{1,4}$/.test(text) && limit >= 1 && limit <= MOST_LISTED) return limit
  throw new RefusedError(
    problem(
      400,
      'bad-parameter',
      `limit is ${JSON.stringify(text.slice(0, 100))}; allowed: a whole number from 1 to ${MOST_LISTED}`,
    ),
  )
}

function answerTo(error: unknown, { path, who }: Asked, { logError }: OperationsDeps): APIGatewayProxyResult {
  if (error instanceof RefusedError) return error.answer
  if (error instanceof NoDeadLetterError) return problem(404, 'no-dead-letter', error.message)
  if (error instanceof MayBeAppliedError) return problem(409, 'may-be-applied', error.message)
  if (error instanceof BusyError) return problem(409, 'busy', error.message)
  logError('an operation failed', { path, who, error })
  return problem(
    500,
    'internal',
    'This is a fault of TickStock or of AWS, not of the request; it was logged.',
  )
}
