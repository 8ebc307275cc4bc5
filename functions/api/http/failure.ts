import { failureKind } from '../../shared/postgres/errors.ts'
import type { Sources } from '../endpoint.ts'
import { STATEMENT_TIMEOUT_MS, WriterRoleError } from '../read-session.ts'
import { type BadParameter, BadRequestError, type ProblemKind, TooSlowError } from './problem.ts'

/** What endpoints depend on, and who takes what went wrong. */
export type Reported = Sources & { readonly logError: (message: string, error: unknown) => void }

/** What its sender may know of an error. */
export type Failure = {
  readonly kind: ProblemKind
  readonly detail: string
  readonly errors?: readonly BadParameter[]
  readonly headers?: Record<string, string>
}

/** Tells the failure of a request; what its sender may not know is logged. */
export function failureOf(error: unknown, logError: Reported['logError']): Failure {
  if (error instanceof BadRequestError)
    return { kind: 'bad-parameter', detail: error.message, errors: error.parameters }
  if (error instanceof TooSlowError) return { kind: 'too-slow', detail: error.message }
  const kind = failureKind(error)
  if (kind === 'cancelled') {
    logError('a statement took too long', error)
    return {
      kind: 'too-slow',
      detail: `The database was given ${STATEMENT_TIMEOUT_MS / 1000} s and did not finish: ask for fewer symbols or a shorter time.`,
    }
  }
  if (kind === 'unavailable' || kind === 'credentials' || error instanceof WriterRoleError) {
    logError('the database cannot be read', error)
    return {
      kind: 'unavailable',
      detail: 'The database cannot be reached; try again in a moment.',
      headers: { 'retry-after': '5' },
    }
  }
  logError('a request failed by our own fault', error)
  return { kind: 'internal', detail: 'This is a fault of the API, not of the request; it was logged.' }
}
