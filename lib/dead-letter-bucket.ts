import { Duration, Validations } from 'aws-cdk-lib'
import { Grant } from 'aws-cdk-lib/aws-iam'
import { BlockPublicAccess, Bucket, BucketEncryption, CfnBucket } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'

import type { Config } from './config.ts'
import type { PartFunction } from './part-function.ts'
import { removalPolicyOf } from './removal-policy.ts'

/** Keeps records that could not be processed, for some days. */
export class DeadLetterBucket extends Bucket {
  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id, {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(config.deadLetterDays) }],
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

  #grantPutUnder(folder: string, grantee: PartFunction): void {
    const resourceArns = [this.arnForObjects(`${folder}/*`)]
    Grant.addToPrincipal({ grantee, actions: ['s3:PutObject'], resourceArns })
    const bucket = this.node.defaultChild
    if (!(bucket instanceof CfnBucket)) return
    Validations.of(grantee.functionRole).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${this.stack.getLogicalId(bucket)}.Arn>/${folder}/*]`,
      reason: 'An object is named after the record that it keeps.',
    })
  }
}
