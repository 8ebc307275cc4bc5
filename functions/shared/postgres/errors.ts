import { DatabaseError } from 'pg'

/**
 * What to do about a failed statement: `data` blames a row (SQLSTATE classes 22 and 23), `credentials` the
 * password (class 28), `unavailable` the server or the way to it (08, 53, 57, sockets); `cancelled` the statement, which
 * took longer than it may (57014); `other` is a mistake of ours.
 */
export type FailureKind = 'data' | 'credentials' | 'unavailable' | 'cancelled' | 'other'

/** Classifies the error of a statement. */
export function failureKind(error: unknown): FailureKind {
  if (!(error instanceof DatabaseError)) return isNetworkError(error) ? 'unavailable' : 'other'
  if (error.code === '57014') return 'cancelled'
  switch ((error.code ?? '').slice(0, 2)) {
    case '22':
    case '23':
      return 'data'
    case '28':
      return 'credentials'
    case '08':
    case '53':
    case '57':
      return 'unavailable'
    default:
      return 'other'
  }
}

/** `pg` reports its own time-outs and lost connections as plain errors, which only their text identifies. */
const LOST_CONNECTION =
  /connection terminated|timeout exceeded|read timeout|not queryable|calling end on the pool/i

function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('syscall' in error && typeof error.syscall === 'string') || LOST_CONNECTION.test(error.message)
}
