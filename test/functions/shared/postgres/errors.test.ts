import { createConnection } from 'node:net'
import { once } from 'node:events'
import { DatabaseError } from 'pg'
import { describe, expect, it } from 'vitest'
import { failureKind } from '../../../../functions/shared/postgres/errors.ts'

function databaseError(code: string): DatabaseError {
  const error = new DatabaseError('told by Postgres', 1, 'error')
  error.code = code
  return error
}

describe('a failed statement', () => {
  it.each([
    ['22003', 'data'],
    ['23514', 'data'],
    ['28P01', 'credentials'],
    ['08006', 'unavailable'],
    ['53300', 'unavailable'],
    ['57P01', 'unavailable'],
    ['57014', 'cancelled'],
    ['42P01', 'other'],
    ['42501', 'other'],
  ])('with SQLSTATE %s is a matter of %s', (code, kind) => {
    expect(failureKind(databaseError(code))).toBe(kind)
  })

  it.each([
    'Connection terminated unexpectedly',
    'Query read timeout',
    'timeout exceeded when trying to connect',
  ])('with pg’s own "%s" means that the database is away', (message) => {
    expect(failureKind(new Error(message))).toBe('unavailable')
  })

  it('whose socket was refused means that the database is away', async () => {
    const [error] = await once(createConnection(1, '127.0.0.1'), 'error').catch((reason: unknown) => [reason])
    expect(failureKind(error)).toBe('unavailable')
  })

  it('of our own making is neither', () => {
    expect(failureKind(new TypeError('x is undefined'))).toBe('other')
  })
})
