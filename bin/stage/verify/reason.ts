import { DatabaseError } from 'pg'

import { failureMessage } from '../../terminal/failure-message.ts'

/** undefined_table */
const NO_TABLE = '42P01'

/** Why something failed, in one line. */
export function reasonOf(error: unknown): string {
  const one = firstOf(error)
  if (!(one instanceof DatabaseError)) return failureMessage(one).split('\n')[0] ?? ''
  return one.code === NO_TABLE
    ? `${one.message}: is it the database of TickStock, and has its migrator run?`
    : `the database refuses: ${one.message}`
}

/** The message of an error; for a host with several addresses, that of the first. */
export function messageOf(error: unknown): string {
  const one = firstOf(error)
  return one instanceof Error ? one.message : String(one)
}

function firstOf(error: unknown): unknown {
  return error instanceof AggregateError && error.message === '' ? error.errors[0] : error
}
