import { Duration } from 'aws-cdk-lib'
import { type BucketProps, type LifecycleRule, ObjectLockRetention } from 'aws-cdk-lib/aws-s3'

import type { Config } from './config/config.ts'

/** Deletes what was overwritten or deleted, once it has been kept for the days of the config. */
export function oldVersions({ bucketVersionDays }: Config): LifecycleRule[] {
  return bucketVersionDays === 0
    ? []
    : [{ noncurrentVersionExpiration: Duration.days(bucketVersionDays), expiredObjectDeleteMarker: true }]
}

/** Keeps each version of an object from being deleted, by whomever (`compliance`) or without a permission for it. */
export function objectLockOf({
  objectLockDays,
  objectLockMode,
}: Config): Pick<BucketProps, 'objectLockEnabled' | 'objectLockDefaultRetention'> {
  if (objectLockDays === 0) return {}
  const days = Duration.days(objectLockDays)
  return {
    objectLockEnabled: true,
    objectLockDefaultRetention:
      objectLockMode === 'compliance'
        ? ObjectLockRetention.compliance(days)
        : ObjectLockRetention.governance(days),
  }
}
