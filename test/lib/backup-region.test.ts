import { Match, Template } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'

import { createStacks } from '../../lib/create-stacks.ts'
import { readConfig } from '../../lib/config/read-config.ts'
import { expectProperties } from '../support/expect-template.ts'
import {
  BACKUP_REGION,
  OTHER_ISSUER,
  OWN_DATABASE,
  OWN_KEY,
  REGULATED,
  VENUES_ON,
} from '../support/stage-settings.ts'
import { backupStackOf, templateOf, temporaryApp } from '../support/template.ts'

const ACCOUNT = { Ref: 'AWS::AccountId' }
const PARTITION = { Ref: 'AWS::Partition' }
const joined = (...parts: readonly unknown[]) => ({ 'Fn::Join': ['', parts] })

const PROD = { stage: 'prod', ...BACKUP_REGION }
const ALL = { ...PROD, ...REGULATED, ...VENUES_ON, ...OTHER_ISSUER, alerts: 'on' }
const plain = templateOf(PROD)
const regulated = templateOf(ALL)
const backupOf = (context: Readonly<Record<string, string>>) => Template.fromStack(backupStackOf(context))
const keyArn = joined('arn:', PARTITION, ':kms:eu-west-1:', ACCOUNT, ':alias/tickstock-prod-backup')
const EXISTING_KEY = OWN_KEY.replace('eu-central-1', 'eu-west-1')
const replicationOf = (template: Template) =>
  Object.values(template.findResources('AWS::S3::Bucket')).flatMap(
    ({ Properties }) => Properties.ReplicationConfiguration?.Rules ?? [],
  )

const read = (context: Readonly<Record<string, unknown>>) => {
  const given: Readonly<Record<string, unknown>> = { stage: 'prod', region: 'eu-central-1', ...context }
  return readConfig((key) => given[key])
}

describe('with backupRegion', () => {
  it('RDS copies its backups there, for as long as it keeps them, with a key of that region', () => {
    expectProperties(plain, 'AWS::RDS::DBInstance', {
      AutomaticBackupReplicationRegion: 'eu-west-1',
      AutomaticBackupReplicationRetentionPeriod: 14,
      AutomaticBackupReplicationKmsKeyId: keyArn,
    })
    expectProperties(regulated, 'AWS::RDS::DBInstance', { AutomaticBackupReplicationRetentionPeriod: 35 })
  })

  it('S3 copies each object and each deletion of the archive to the bucket that the other stack makes', () => {
    const [rule, ...others] = replicationOf(plain)
    expect(others).toEqual([])
    const name = joined('tickstock-prod-archive-', ACCOUNT, '-eu-west-1')
    expect(rule).toMatchObject({
      Status: 'Enabled',
      DeleteMarkerReplication: { Status: 'Enabled' },
      Destination: {
        Bucket: joined('arn:', PARTITION, ':s3:::tickstock-prod-archive-', ACCOUNT, '-eu-west-1'),
        Metrics: { Status: 'Enabled' },
      },
    })
    expect(rule).not.toHaveProperty('SourceSelectionCriteria')
    expectProperties(plain, 'AWS::S3::Bucket', {
      ReplicationConfiguration: Match.anyValue(),
      VersioningConfiguration: { Status: 'Enabled' },
    })
    expectProperties(backupOf(PROD), 'AWS::S3::Bucket', {
      BucketName: name,
      VersioningConfiguration: { Status: 'Enabled' },
    })
  })

  it('AWS Backup copies every table that is kept, each hour, to the vault that the other stack makes', () => {
    const kept = Object.entries(regulated.findResources('AWS::DynamoDB::GlobalTable'))
      .filter(([, { Properties }]) => Properties.Replicas[0].PointInTimeRecoverySpecification !== undefined)
      .map(([id]) => ({ 'Fn::GetAtt': [id, 'Arn'] }))
    expect(kept).toHaveLength(6)
    expectProperties(regulated, 'AWS::Backup::BackupSelection', {
      BackupSelection: { Resources: Match.arrayEquals(kept) },
    })
    const copies = joined(
      'arn:',
      PARTITION,
      ':backup:eu-west-1:',
      ACCOUNT,
      ':backup-vault:tickstock-prod-copies',
    )
    expectProperties(regulated, 'AWS::Backup::BackupPlan', {
      BackupPlan: {
        BackupPlanRule: [
          {
            ScheduleExpression: 'cron(0 * * * ? *)',
            Lifecycle: { DeleteAfterDays: 1 },
            CopyActions: [{ DestinationBackupVaultArn: copies, Lifecycle: { DeleteAfterDays: 35 } }],
          },
        ],
      },
    })
    expectProperties(backupOf(ALL), 'AWS::Backup::BackupVault', { BackupVaultName: 'tickstock-prod-copies' })
  })

  it('an alarm tells of copies that failed', () => {
    const metrics = ['NumberOfBackupJobsFailed', 'NumberOfCopyJobsFailed', 'OperationsFailedReplication']
    expectProperties(plain, 'AWS::CloudWatch::Alarm', {
      AlarmName: 'tickstock-prod-backup-copies',
      Metrics: Match.arrayWith(
        metrics.map((MetricName) =>
          Match.objectLike({ MetricStat: Match.objectLike({ Metric: Match.objectLike({ MetricName }) }) }),
        ),
      ),
    })
  })

  it('the copies of encrypted data are encrypted with the key of the other stack, and locked as the archive is', () => {
    const [rule] = replicationOf(regulated)
    expect(rule).toMatchObject({
      SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' } },
      Destination: { EncryptionConfiguration: { ReplicaKmsKeyID: keyArn } },
    })
    const backup = backupOf(ALL)
    const [key] = Object.keys(backup.findResources('AWS::KMS::Key'))
    const own = { 'Fn::GetAtt': [key, 'Arn'] }
    expectProperties(backup, 'AWS::KMS::Key', { EnableKeyRotation: true })
    expectProperties(backup, 'AWS::KMS::Alias', { AliasName: 'alias/tickstock-prod-backup' })
    expectProperties(backup, 'AWS::Backup::BackupVault', { EncryptionKeyArn: own })
    expectProperties(backup, 'AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: own } },
        ],
      },
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Days: 365, Mode: 'GOVERNANCE' } } },
    })
    // The vault from which they are copied has the key of the deployment.
    const [here] = Object.keys(regulated.findResources('AWS::KMS::Key'))
    expectProperties(regulated, 'AWS::Backup::BackupVault', {
      EncryptionKeyArn: { 'Fn::GetAtt': [here, 'Arn'] },
    })
  })

  it('S3 may use the key of the copies through S3 in that region, and only that key', () => {
    expectProperties(regulated, 'AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^ArchiveCopyRole') }],
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Action: 'kms:Encrypt',
            Effect: 'Allow',
            Resource: joined('arn:', PARTITION, ':kms:eu-west-1:', ACCOUNT, ':key/*'),
            Condition: {
              StringEquals: { 'kms:ViaService': ['s3.eu-west-1.amazonaws.com'] },
              'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/tickstock-prod-backup' },
            },
          },
        ]),
      },
    })
  })

  it('a key that exists there takes the place of that of the stack', () => {
    const own = { ...PROD, encryptionKey: OWN_KEY, backupEncryptionKey: EXISTING_KEY }
    expect(backupOf(own).findResources('AWS::KMS::Key')).toEqual({})
    expectProperties(backupOf(own), 'AWS::Backup::BackupVault', { EncryptionKeyArn: EXISTING_KEY })
    const template = templateOf(own)
    expectProperties(template, 'AWS::RDS::DBInstance', { AutomaticBackupReplicationKmsKeyId: EXISTING_KEY })
    expect(replicationOf(template)).toMatchObject([
      { Destination: { EncryptionConfiguration: { ReplicaKmsKeyID: EXISTING_KEY } } },
    ])
  })

  it('copies nothing of a database or an archive that the stack does not have', () => {
    const own = templateOf({ stage: 'dev', ...OWN_DATABASE, ...BACKUP_REGION, archive: 'off' })
    expect(own.findResources('AWS::RDS::DBInstance')).toEqual({})
    expect(replicationOf(own)).toEqual([])
    expect(Object.keys(own.findResources('AWS::Backup::BackupPlan'))).toHaveLength(1)
    const backup = backupOf({ stage: 'dev', ...OWN_DATABASE, ...BACKUP_REGION, archive: 'off' })
    expect(backup.findResources('AWS::S3::Bucket')).toEqual({})
  })

  it('is a stack of its own in that region, which is deployed first, and to which nothing refers', () => {
    const { stack, backup } = createStacks(temporaryApp(), read({ ...BACKUP_REGION, tags: 'desk=fx' }))
    expect([backup?.stackName, backup?.region]).toEqual(['TickStock-prod-backup', 'eu-west-1'])
    expect(stack.dependencies).toEqual([backup])
    const text = JSON.stringify([Template.fromStack(stack), backup && Template.fromStack(backup)])
    expect(text).not.toContain('Fn::ImportValue')
    expect(text).not.toContain('ExportName')
  })
})

it('without backupRegion there is one stack, and no copy', () => {
  expect(createStacks(temporaryApp(), read({})).backup).toBeUndefined()
  const template = templateOf({ stage: 'prod' })
  for (const type of ['BackupPlan', 'BackupVault', 'BackupSelection'])
    expect(template.findResources(`AWS::Backup::${type}`)).toEqual({})
  expectProperties(template, 'AWS::RDS::DBInstance', { AutomaticBackupReplicationRegion: Match.absent() })
  expect(replicationOf(template)).toEqual([])
})

describe('the config', () => {
  it('keeps versions of objects for a day, since S3 copies versions, and for longer where it is told', () => {
    expect(read(BACKUP_REGION).bucketVersionDays).toBe(1)
    expect(read({ ...BACKUP_REGION, bucketVersionDays: 7 }).bucketVersionDays).toBe(7)
    expect(read({ ...BACKUP_REGION, ...REGULATED }).bucketVersionDays).toBe(30)
  })

  it.each([
    [{ backupRegion: 'eu-central-1' }, 'it is the region of the deployment; name another'],
    [{ backupRegion: 'us-gov-west-1' }, 'AWS copies nothing between it and eu-central-1'],
    [{ backupRegion: 'Ireland' }, 'allowed is the name of a region'],
    [{ backupRegion: 'eu-west-1', backupDays: 0 }, 'backupDays is 0: RDS copies the backups that it makes'],
    [{ backupRegion: 'eu-west-1', bucketVersionDays: 0 }, 'S3 copies versions of objects'],
    [{ backupEncryptionKey: EXISTING_KEY }, 'backupRegion is not set'],
    [
      { backupRegion: 'eu-west-1', backupEncryptionKey: OWN_KEY },
      'it is in eu-central-1, and backupRegion is',
    ],
    [{ backupRegion: 'eu-west-1', backupEncryptionKey: 'aws' }, 'allowed is own, or the ARN of a key of KMS'],
    [{ stage: 'local', backupRegion: 'eu-west-1' }, 'it is for AWS'],
  ])('cannot be %j', (context, why) => {
    expect(() => read(context)).toThrow(why)
  })
})
