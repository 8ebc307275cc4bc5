import type { Stack } from 'aws-cdk-lib'
import { Bucket } from 'aws-cdk-lib/aws-s3'
import { NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag'
import { describe, expect, it } from 'vitest'

import { readPage, sectionOf } from '../docs/page.ts'
import {
  ALERTS_ON,
  BACKUP_REGION,
  BRIDGE_ON,
  OTHER_ISSUER,
  OWN_DATABASE,
  REGULATED,
  VENUES_ON,
} from '../support/stage-settings.ts'
import { backupStackOf, stackOf } from '../support/template.ts'
import { EXCEPTIONS } from './nag-exceptions.ts'

const EVERYTHING = {
  ...OTHER_ISSUER,
  ...VENUES_ON,
  bridgeDomain: BRIDGE_ON.bridgeDomain,
  alarmEmail: 'sre@example.com',
  databaseProxy: 'on',
  syntheticFeed: 'on',
  ...ALERTS_ON,
}
const CONTEXTS: readonly Readonly<Record<string, string>>[] = [
  { stage: 'prod', ...REGULATED },
  { stage: 'prod', ...REGULATED, databaseAccess: 'iam' },
  { stage: 'prod', ...REGULATED, ...EVERYTHING, ...BACKUP_REGION },
  { stage: 'dev', ...REGULATED, ...OWN_DATABASE },
]

/** What the packs find, as `rule at path`. */
function findings(stack: Stack): { readonly rule: string; readonly path: string }[] {
  return [NIST80053R5Checks, PCIDSS321Checks].flatMap((Pack) =>
    new Pack(stack).validateScope(stack).violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath = '' }) => ({
        rule: ruleName.replace(/^[A-Z]+\.[\d.]*(?:DSS\.\d+|R5)-/, ''),
        path: constructPath.replace(/^[^/]+\//, ''),
      })),
    ),
  )
}

const isExcepted = ({ rule, path }: { readonly rule: string; readonly path: string }): boolean =>
  EXCEPTIONS.some((each) => each.rule === rule && each.at.test(path))

describe('the packs NIST 800-53 and PCI DSS of cdk-nag, with regulated', () => {
  it.each(CONTEXTS)('find nothing in %j that has no reason', (context) => {
    expect(findings(stackOf(context)).filter((each) => !isExcepted(each))).toEqual([])
  })

  it('find nothing in the stack of the backup region that has no reason', () => {
    const stack = backupStackOf({ stage: 'prod', ...REGULATED, ...BACKUP_REGION })
    expect(findings(stack).filter((each) => !isExcepted(each))).toEqual([])
  })

  it('find every exception somewhere: none is left over', () => {
    const found = CONTEXTS.flatMap((context) => findings(stackOf(context)))
    const unused = EXCEPTIONS.filter(
      ({ rule, at }) => !found.some((each) => each.rule === rule && at.test(each.path)),
    )
    expect(unused).toEqual([])
  })

  it('would find a bucket that is not protected', () => {
    const stack = stackOf({ stage: 'prod', ...REGULATED })
    new Bucket(stack, 'Open')
    expect(
      findings(stack)
        .filter((each) => !isExcepted(each))
        .map(({ rule }) => rule),
    ).toContain('S3BucketSSLRequestsOnly')
  })
})

it('docs/regulated.md lists each exception with its reason', () => {
  const section = sectionOf(readPage('docs/regulated.md'), 'Findings that stand')
  const rows = [...section.matchAll(/^\| `([^`]+)` +\| (.+?) +\|$/gm)].map(([, rule, reason]) => ({
    rule,
    reason,
  }))
  expect(rows).toEqual(EXCEPTIONS.map(({ rule, reason }) => ({ rule, reason })))
})
