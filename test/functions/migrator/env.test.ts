import { expect, it } from 'vitest'
import { readEnvironment } from '../../../functions/migrator/env.ts'

const environment = {
  OWNER_SECRET_ARN: 'arn:owner',
  WRITE_SECRET_ARN: 'arn:write',
  READ_SECRET_ARN: 'arn:read',
  DATABASE_ACCESS: 'password',
  RETENTION_DAYS: '365',
  PARTITIONS_AHEAD: '7',
  DATABASE_TLS: 'off',
}

it('reads what the construct sets', () => {
  expect(readEnvironment(environment)).toEqual({ ...environment, RETENTION_DAYS: 365, PARTITIONS_AHEAD: 7 })
})

it.each([
  [{ OWNER_SECRET_ARN: undefined }, 'OWNER_SECRET_ARN is not set'],
  [{ RETENTION_DAYS: '0' }, 'RETENTION_DAYS is "0"'],
  [{ PARTITIONS_AHEAD: 'a week' }, 'PARTITIONS_AHEAD is "a week"'],
  [{ DATABASE_TLS: 'on' }, 'DATABASE_TLS is "on"'],
  [{ DATABASE_TLS: 'verify' }, 'DATABASE_CA_FILE is not set'],
])('names the variable in %j', (change, message) => {
  expect(() => readEnvironment({ ...environment, ...change })).toThrow(message)
})
