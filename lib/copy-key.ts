import { Aws } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'

import type { BackupNames } from './backup-names.ts'
import type { Config } from './config/config.ts'

export type CopyKeyUse = {
  readonly actions: readonly string[]
  /** Through which the key may be used. */
  readonly services: readonly string[]
}

/** Lets a role use the key of the backup region. A policy cannot name a key by its alias; a condition can. */
export function copyKeyStatement(
  { backupEncryptionKey }: Config,
  { region, keyAlias, keyArn }: BackupNames,
  { actions, services }: CopyKeyUse,
): PolicyStatement {
  const isOwn = backupEncryptionKey === 'own'
  return new PolicyStatement({
    actions: [...actions],
    resources: [isOwn ? `arn:${Aws.PARTITION}:kms:${region}:${Aws.ACCOUNT_ID}:key/*` : keyArn],
    conditions: {
      StringEquals: { 'kms:ViaService': services.map((service) => `${service}.${region}.amazonaws.com`) },
      ...(isOwn && { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': keyAlias } }),
    },
  })
}
