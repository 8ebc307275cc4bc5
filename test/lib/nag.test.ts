import { Bucket } from 'aws-cdk-lib/aws-s3'
import { AwsSolutionsChecks } from 'cdk-nag'
import { describe, expect, it } from 'vitest'

import type { TickStockStack } from '../../lib/tickstock-stack.ts'
import { stackOf } from '../support/template.ts'

const ALL_ON = {
  alarmEmail: 'sre@example.com',
  databaseProxy: 'on',
  syntheticFeed: 'on',
  access: 'people',
}
const OTHER_ISSUER = {
  access: 'people',
  oidcIssuer: 'https://login.example.com',
  oidcClientId: 'desk',
  dashboardDomain: 'desk.example.com',
  dashboardCertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1234',
  dashboardWebAclArn: 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/desk/1234',
}

/** The rules of cdk-nag's pack AwsSolutions that a stack breaks without an acknowledged reason. */
function brokenRules(stack: TickStockStack): string[] {
  const { violations } = new AwsSolutionsChecks(stack).validateScope(stack)
  return violations.map(({ ruleName }) => ruleName)
}

describe('cdk-nag', () => {
  it.each([
    { stage: 'dev' },
    { stage: 'prod' },
    { stage: 'dev', ...ALL_ON },
    { stage: 'prod', ...ALL_ON },
    { stage: 'prod', ...OTHER_ISSUER },
  ])('finds nothing in %j that has no reason', (context) => {
    expect(brokenRules(stackOf(context))).toEqual([])
  })

  it('would find an open bucket', () => {
    const stack = stackOf({ stage: 'prod' })
    new Bucket(stack, 'Open')
    expect(brokenRules(stack)).toEqual(['AwsSolutions-S1', 'AwsSolutions-S10'])
  })

  it('would find a database in prod that is not protected', () => {
    expect(brokenRules(stackOf({ stage: 'prod', deletionProtection: 'off' }))).toEqual(['AwsSolutions-RDS10'])
  })
})
