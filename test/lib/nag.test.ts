import type { Stack } from 'aws-cdk-lib'
import { Bucket } from 'aws-cdk-lib/aws-s3'
import { AwsSolutionsChecks } from 'cdk-nag'
import { describe, expect, it } from 'vitest'

import { backupStackOf, stackOf } from '../support/template.ts'
import {
  ALERTS_ON,
  BACKUP_REGION,
  BRIDGE_ON,
  OTHER_ISSUER,
  OWN_DATABASE,
  REGULATED,
  VENUES_ON,
} from '../support/stage-settings.ts'

const ALL_ON = {
  alarmEmail: 'sre@example.com',
  databaseProxy: 'on',
  syntheticFeed: 'on',
  access: 'people',
  latency: 'lowest',
  ...ALERTS_ON,
}

const CLIENTS = { access: 'clients' }
const BY_IAM = { databaseAccess: 'iam' }

/** The rules of cdk-nag's pack AwsSolutions that a stack breaks without an acknowledged reason. */
function brokenRules(stack: Stack): string[] {
  const { violations } = new AwsSolutionsChecks(stack).validateScope(stack)
  return violations.map(({ ruleName }) => ruleName)
}

describe('cdk-nag', () => {
  it.each([
    { stage: 'dev' },
    { stage: 'prod' },
    { stage: 'dev', ...ALL_ON },
    { stage: 'prod', ...ALL_ON },
    { stage: 'prod', ...CLIENTS },
    { stage: 'prod', ...OTHER_ISSUER },
    { stage: 'prod', ...BY_IAM },
    { stage: 'prod', ...VENUES_ON },
    { stage: 'prod', ...BRIDGE_ON },
    { stage: 'prod', ...BACKUP_REGION },
    { stage: 'prod', ...REGULATED, ...ALL_ON, ...OTHER_ISSUER, ...BACKUP_REGION },
    { stage: 'dev', ...OWN_DATABASE },
  ])('finds nothing in %j that has no reason', (context) => {
    expect(brokenRules(stackOf(context))).toEqual([])
  })

  it.each([BACKUP_REGION, { ...REGULATED, ...BACKUP_REGION }])(
    'finds nothing in the stack of the backup region of %j',
    (context) => {
      expect(brokenRules(backupStackOf({ stage: 'prod', ...context }))).toEqual([])
    },
  )

  it('would find an open bucket', () => {
    const stack = stackOf({ stage: 'prod' })
    new Bucket(stack, 'Open')
    expect(brokenRules(stack)).toEqual(['AwsSolutions-S1', 'AwsSolutions-S10'])
  })

  it('would find a database in prod that is not protected', () => {
    expect(brokenRules(stackOf({ stage: 'prod', deletionProtection: 'off' }))).toEqual(['AwsSolutions-RDS10'])
  })
})
