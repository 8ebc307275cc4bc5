import { Aws } from 'aws-cdk-lib'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { Config } from './config/config.ts'

/** What the stack of the backup region makes, by names that the stack of the deployment can tell without asking it. */
export type BackupNames = {
  readonly region: string
  /** A copy of the archive. */
  readonly bucket: string
  readonly vault: string
  readonly keyAlias: string
  /** Of the key that encrypts the copies; by its alias where the stack there makes it. */
  readonly keyArn: string
}

/** Undefined without `backupRegion`. */
export function backupNamesOf(config: Config): BackupNames | undefined {
  const { backupRegion: region, backupEncryptionKey } = config
  if (region === undefined) return undefined
  const keyAlias = `alias/${nameOf(config)}-backup`
  return {
    region,
    bucket: `${nameOf(config)}-archive-${Aws.ACCOUNT_ID}-${region}`,
    // Not that of a deployment, which may have to go on in that region.
    vault: `${nameOf(config)}-copies`,
    keyAlias,
    keyArn:
      backupEncryptionKey === 'own'
        ? `arn:${Aws.PARTITION}:kms:${region}:${Aws.ACCOUNT_ID}:${keyAlias}`
        : backupEncryptionKey,
  }
}
