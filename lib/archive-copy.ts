import { Aws, Validations } from 'aws-cdk-lib'
import { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { type Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { BackupNames } from './backup-names.ts'
import type { Config } from './config/config.ts'
import { copyKeyStatement } from './copy-key.ts'

const RULE = 'backup-region'

/** Lets S3 copy each new object of a bucket to the backup region, and each deletion. */
export function copyBucket(bucket: Bucket, config: Config, names: BackupNames): void {
  const resource = bucket.node.defaultChild
  if (!(resource instanceof CfnBucket)) return
  const isEncrypted = config.encryptionKey !== 'aws'
  resource.replicationConfiguration = {
    role: createRole(bucket, config, names).roleArn,
    rules: [
      {
        id: RULE,
        priority: 1,
        status: 'Enabled',
        filter: { prefix: '' },
        // Objects that the compactor has merged are deleted there too.
        deleteMarkerReplication: { status: 'Enabled' },
        ...(isEncrypted && { sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: 'Enabled' } } }),
        destination: {
          bucket: arnOf(names),
          metrics: { status: 'Enabled' },
          ...(isEncrypted && { encryptionConfiguration: { replicaKmsKeyId: names.keyArn } }),
        },
      },
    ],
  }
}

/** Objects that S3 could not copy. */
export function copyFailures(bucket: Bucket, { bucket: copy }: BackupNames): Metric {
  return new Metric({
    namespace: 'AWS/S3',
    metricName: 'OperationsFailedReplication',
    dimensionsMap: { SourceBucket: bucket.bucketName, DestinationBucket: copy, RuleId: RULE },
    statistic: 'Sum',
  })
}

function arnOf({ bucket }: BackupNames): string {
  return `arn:${Aws.PARTITION}:s3:::${bucket}`
}

function createRole(bucket: Bucket, config: Config, names: BackupNames): Role {
  const role = new Role(bucket, 'CopyRole', {
    assumedBy: new ServicePrincipal('s3.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
    description: 'Copies the archive to the backup region',
  })
  const resource = bucket.node.defaultChild
  const locks = config.objectLockDays > 0 ? ['s3:GetObjectRetention', 's3:GetObjectLegalHold'] : []
  const reads = ['s3:GetObjectVersionForReplication', 's3:GetObjectVersionAcl', 's3:GetObjectVersionTagging']
  const writes = ['s3:ReplicateObject', 's3:ReplicateDelete', 's3:ReplicateTags']
  const asks = ['s3:GetReplicationConfiguration', 's3:ListBucket']
  for (const [actions, arn] of [
    [asks, bucket.bucketArn],
    [[...reads, ...locks], bucket.arnForObjects('*')],
    [writes, `${arnOf(names)}/*`],
  ] as const)
    role.addToPrincipalPolicy(new PolicyStatement({ actions: [...actions], resources: [arn] }))
  if (config.encryptionKey !== 'aws')
    role.addToPrincipalPolicy(copyKeyStatement(config, names, { actions: ['kms:Encrypt'], services: ['s3'] }))
  const found = resource instanceof CfnBucket ? `<${bucket.stack.getLogicalId(resource)}.Arn>/*` : ''
  const copy = `arn:<AWS::Partition>:s3:::${nameOf(config)}-archive-<AWS::AccountId>-${names.region}/*`
  const key = `arn:<AWS::Partition>:kms:${names.region}:<AWS::AccountId>:key/*`
  for (const wide of [found, copy, key])
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${wide}]`,
      reason: 'It copies every object; a key that the stack makes is named by its alias, in a condition.',
    })
  return role
}
