import { Duration, Validations } from 'aws-cdk-lib'
import { Grant } from 'aws-cdk-lib/aws-iam'
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'

import { JOURNAL } from '../functions/shared/dead-letters/bucket.ts'
import { oldVersions } from './bucket-versions.ts'
import type { Config } from './config/config.ts'
import { grantOnObjects } from './grant-objects.ts'
import type { PartFunction } from './part-function.ts'
import { removalPolicyOf } from './removal-policy.ts'

/** Keeps records that could not be processed, for some days. */
export class DeadLetterBucket extends Bucket {
  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id, {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(config.deadLetterDays) }, ...oldVersions(config)],
      versioned: config.bucketVersionDays > 0,
      removalPolicy: removalPolicyOf(config),
    })
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Only functions write here, and each object names its record; a second bucket would tell no more.',
    })
  }

  /** Lets a function dead-letter what it rejects here. */
  grantReject(grantee: PartFunction): void {
    this.#grantPutUnder('rejected', grantee)
  }

  /** Lets the event source mapping of a function dead-letter records here. */
  grantGiveUp(grantee: PartFunction): void {
    this.#grantPutUnder('aws/lambda', grantee)
    Grant.addToPrincipal({ grantee, actions: ['s3:ListBucket'], resourceArns: [this.bucketArn] })
  }

  /** Lets a function list, read, redrive and discard what is here. */
  grantSettle(grantee: PartFunction): void {
    Grant.addToPrincipal({ grantee, actions: ['s3:ListBucket'], resourceArns: [this.bucketArn] })
    this.#grantOnRecords('*', grantee, 's3:GetObject', 's3:DeleteObject')
    // A redrive writes down what it is about to put.
    const journal = [this.arnForObjects(JOURNAL)]
    Grant.addToPrincipal({ grantee, actions: ['s3:PutObject'], resourceArns: journal })
  }

  #grantPutUnder(folder: string, grantee: PartFunction): void {
    this.#grantOnRecords(`${folder}/*`, grantee, 's3:PutObject')
  }

  #grantOnRecords(objects: string, grantee: PartFunction, ...actions: readonly string[]): void {
    grantOnObjects(this, grantee, {
      objects,
      actions,
      reason: 'An object is named after the record that it keeps.',
    })
  }
}
