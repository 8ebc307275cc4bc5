import { Duration, Validations } from 'aws-cdk-lib'
import { Grant } from 'aws-cdk-lib/aws-iam'
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type LifecycleRule,
  StorageClass,
} from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'

import { ARCHIVE_PREFIX } from '../functions/archive/archive-key.ts'
import { objectLockOf, oldVersions } from './bucket-versions.ts'
import type { Config } from './config/config.ts'
import { grantOnObjects } from './grant-objects.ts'
import type { PartFunction } from './part-function.ts'
import { removalPolicyOf } from './removal-policy.ts'

/** Keeps every trade that was put on `ticks`, as Parquet. */
export class Archive extends Bucket {
  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id, {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [...archiveLifecycleOf(config), ...oldVersions(config)],
      versioned: config.bucketVersionDays > 0,
      ...objectLockOf(config),
      removalPolicy: removalPolicyOf(config),
    })
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Only the archiver writes here, and each object names its records; a second bucket would tell no more.',
    })
  }

  /** Lets a function put objects of trades, and nothing else. */
  grantArchive(grantee: PartFunction): void {
    this.#grantOnTrades(grantee, 's3:PutObject')
  }

  /** Lets a function find and read objects of trades. */
  grantReadTrades(grantee: PartFunction): void {
    this.#grantOnTrades(grantee, 's3:GetObject')
    Grant.addToPrincipal({ grantee, actions: ['s3:ListBucket'], resourceArns: [this.bucketArn] })
  }

  /** Lets a function merge objects of trades. */
  grantCompact(grantee: PartFunction): void {
    this.grantReadTrades(grantee)
    for (const action of ['s3:PutObject', 's3:DeleteObject']) this.#grantOnTrades(grantee, action)
  }

  #grantOnTrades(grantee: PartFunction, action: string): void {
    const reason = 'An object is named after the hour and the records of its trades.'
    grantOnObjects(this, grantee, { objects: `${ARCHIVE_PREFIX}*`, actions: [action], reason })
  }
}

/** When its objects move to cheaper storage, and when they are deleted. */
export function archiveLifecycleOf({ archiveGlacierDays, archiveDays }: Config): LifecycleRule[] {
  const rule: LifecycleRule = {
    ...(archiveGlacierDays > 0 && {
      transitions: [
        {
          storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL,
          transitionAfter: Duration.days(archiveGlacierDays),
        },
      ],
    }),
    ...(archiveDays > 0 && { expiration: Duration.days(archiveDays) }),
  }
  return Object.keys(rule).length === 0 ? [] : [rule]
}
