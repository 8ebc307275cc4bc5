import { CfnOutput, Stack, type StackProps, Validations } from 'aws-cdk-lib'
import { BackupVault } from 'aws-cdk-lib/aws-backup'
import { type IKey, Key } from 'aws-cdk-lib/aws-kms'
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import { archiveLifecycleOf } from './archive.ts'
import type { BackupNames } from './backup-names.ts'
import { objectLockOf, oldVersions } from './bucket-versions.ts'
import type { Config } from './config/config.ts'
import { fitIntoAccount } from './fit-into-account.ts'
import { removalPolicyOf } from './removal-policy.ts'

export type BackupStackProps = StackProps & { readonly config: Config; readonly names: BackupNames }

/**
 * What another region keeps of a deployment, in case that its own is lost: a bucket to which S3 copies the archive, a vault to
 * which AWS Backup copies backups of the tables, and the key of both, and of the backups that RDS copies by itself. It is deployed
 * before the stack of the deployment, which copies to its names.
 */
export class BackupStack extends Stack {
  constructor(scope: Construct, id: string, { config, names, ...props }: BackupStackProps) {
    super(scope, id, {
      ...props,
      tags: config.tags,
      terminationProtection: config.deletionProtection === 'on',
    })
    const key =
      config.backupEncryptionKey === 'own'
        ? createKey(this, config, names)
        : Key.fromKeyArn(this, 'Key', config.backupEncryptionKey)
    new BackupVault(this, 'Vault', {
      backupVaultName: names.vault,
      encryptionKey: key,
      removalPolicy: removalPolicyOf(config),
    })
    if (config.archive === 'on') createArchiveCopy(this, { config, names, key })
    new CfnOutput(this, 'BackupKeyArn', { value: key.keyArn })
    fitIntoAccount(this, config)
  }
}

/** RDS takes no copy of an encrypted backup without a key of one's own choice. */
function createKey(stack: Stack, config: Config, { keyAlias }: BackupNames): Key {
  return new Key(stack, 'Key', {
    alias: keyAlias,
    description: `Copies of the backups of TickStock, ${nameOf(config)}`,
    enableKeyRotation: true,
    removalPolicy: removalPolicyOf(config),
  })
}

/** With the versions, the lock and the lifecycle of the archive itself. */
function createArchiveCopy(
  stack: Stack,
  { config, names, key }: { readonly config: Config; readonly names: BackupNames; readonly key: IKey },
): void {
  const bucket = new Bucket(stack, 'Archive', {
    bucketName: names.bucket,
    ...(config.encryptionKey === 'aws'
      ? { encryption: BucketEncryption.S3_MANAGED }
      : { encryption: BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true }),
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    lifecycleRules: [...archiveLifecycleOf(config), ...oldVersions(config)],
    versioned: true,
    ...objectLockOf(config),
    removalPolicy: removalPolicyOf(config),
  })
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason: 'Only S3 writes here, what the archive has; a second bucket would tell no more.',
  })
  new CfnOutput(stack, 'ArchiveCopyBucket', { value: bucket.bucketName })
}
