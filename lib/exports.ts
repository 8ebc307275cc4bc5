import { Duration, Validations } from 'aws-cdk-lib'
import { Grant } from 'aws-cdk-lib/aws-iam'
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'

import { EXPORTS_PREFIX } from '../functions/jobs/export-request.ts'
import { oldVersions } from './bucket-versions.ts'
import type { Config } from './config/config.ts'
import { grantOnObjects } from './grant-objects.ts'
import type { PartFunction } from './part-function.ts'
import { removalPolicyOf } from './removal-policy.ts'

/** An export is tried again for so many days or more, and then begins where it was. */
const LEAST_UPLOAD_DAYS = 7

/** Keeps exported bars for some days. */
export class Exports extends Bucket {
  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id, {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [
        {
          expiration: Duration.days(config.exportDays),
          // Of jobs that were cancelled. S3 counts from the beginning of the upload, so that a job that goes on ends with it too.
          abortIncompleteMultipartUploadAfter: Duration.days(Math.max(LEAST_UPLOAD_DAYS, config.exportDays)),
        },
        ...oldVersions(config),
      ],
      versioned: config.bucketVersionDays > 0,
      removalPolicy: removalPolicyOf(config),
    })
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Only jobs write here, and the table of jobs names who asked for each object.',
    })
  }

  /** Lets a function write exports, and go on with them. */
  grantExport(grantee: PartFunction): void {
    for (const action of ['s3:PutObject', 's3:GetObject']) this.#grantOnExports(grantee, action)
    // S3 tells who may list that an object is missing; others are denied it.
    Grant.addToPrincipal({ grantee, actions: ['s3:ListBucket'], resourceArns: [this.bucketArn] })
  }

  /** Lets a function sign links to exports. */
  grantLink(grantee: PartFunction): void {
    this.#grantOnExports(grantee, 's3:GetObject')
  }

  #grantOnExports(grantee: PartFunction, action: string): void {
    const reason = 'An object is named after the job that it is of.'
    grantOnObjects(this, grantee, { objects: `${EXPORTS_PREFIX}*`, actions: [action], reason })
  }
}
