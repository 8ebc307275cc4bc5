import { expect, it } from 'vitest'
import { readEnvironment } from '../../../functions/bar-writer/env.ts'

it('reads what the construct sets', () => {
  const environment = {
    DATABASE_ACCESS: 'password',
    DATABASE_SECRET_ARN: 'arn',
    DEAD_LETTER_BUCKET: 'bucket',
    LATENCY: 'low',
    DATABASE_TLS: 'verify',
    DATABASE_CA_FILE: 'ca.pem',
  }
  expect(readEnvironment({ ...environment, AWS_REGION: 'us-east-1' })).toEqual(environment)
})

it('names the variables that are missing', () => {
  expect(() => readEnvironment({})).toThrow(/DATABASE_TLS is not set.*DATABASE_ACCESS is not set/)
})
