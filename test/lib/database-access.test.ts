import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'

import { expectProperties } from '../support/expect-template.ts'
import { grantsByFunction } from '../support/grants.ts'
import { templateOf } from '../support/template.ts'

const template = templateOf({ stage: 'prod', databaseAccess: 'iam' })
const grants = grantsByFunction(template)

describe('with databaseAccess iam', () => {
  it.each([
    ['api', 'app_readonly'],
    ['rebuilder', 'app_readonly'],
    ['bar-writer', 'app_readwrite'],
  ])('%s connects as %s and as nobody else, and reads no secret', (name, role) => {
    const own = grants.get(name) ?? []
    const connects = own.filter(({ action }) => action.startsWith('rds-db:'))
    expect(connects).toEqual([{ action: 'rds-db:connect', on: expect.stringMatching(`/${role}$`) }])
    expect(own.filter(({ action }) => action.startsWith('secretsmanager:'))).toEqual([])
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: `tickstock-prod-${name}`,
      Environment: {
        Variables: {
          DATABASE_ACCESS: 'iam',
          DATABASE_USER: role,
          DATABASE_SECRET_ARN: Match.absent(),
          DATABASE_TLS: 'verify',
        },
      },
    })
  })

  it('nobody else connects by it', () => {
    const others = [...grants].filter(([name]) => !['api', 'rebuilder', 'bar-writer'].includes(name))
    expect(JSON.stringify(others)).not.toContain('rds-db:')
  })

  it('the database takes tokens, and the migrator makes the roles take nothing else', () => {
    expectProperties(template, 'AWS::RDS::DBInstance', { EnableIAMDatabaseAuthentication: true })
    expectProperties(template, 'Custom::Migrated', { access: 'iam' })
    expectProperties(template, 'AWS::Lambda::Function', {
      FunctionName: 'tickstock-prod-migrator',
      Environment: { Variables: { DATABASE_ACCESS: 'iam' } },
    })
  })
})

it('without it nothing of IAM is there', () => {
  const plain = JSON.stringify(templateOf({ stage: 'prod' }).toJSON())
  expect(plain).not.toMatch(/rds-db:|EnableIAMDatabaseAuthentication/)
})

it('is refused with the proxy, which signs in with passwords', () => {
  expect(() => templateOf({ stage: 'prod', databaseAccess: 'iam', databaseProxy: 'on' })).toThrow(
    /databaseAccess is "iam".*set databaseProxy to off/,
  )
})
