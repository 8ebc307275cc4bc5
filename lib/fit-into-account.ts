import { type Stack, Tags } from 'aws-cdk-lib'
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam'
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs'

import type { Config } from './config/config.ts'

/** What the rules of an account ask of every resource: tags, a boundary of what roles may do, how long logs are kept. */
export function fitIntoAccount(stack: Stack, { tags, permissionsBoundary, logDays }: Config): void {
  for (const [key, value] of Object.entries(tags)) Tags.of(stack).add(key, value)
  if (permissionsBoundary !== undefined)
    PermissionsBoundary.of(stack).apply(
      ManagedPolicy.fromManagedPolicyArn(stack, 'Boundary', permissionsBoundary),
    )
  for (const each of stack.node.findAll()) if (each instanceof CfnLogGroup) each.retentionInDays = logDays
}
