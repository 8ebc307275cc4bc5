import { Aws, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib'
import { BackupPlan, BackupPlanRule, BackupResource, BackupVault } from 'aws-cdk-lib/aws-backup'
import { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Schedule } from 'aws-cdk-lib/aws-events'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { BackupNames } from './backup-names.ts'
import type { Config } from './config/config.ts'

export type TableBackupsProps = {
  readonly config: Config
  readonly names: BackupNames
  readonly tables: readonly ITableV2[]
}

/**
 * A backup of each table every hour, copied to the backup region, where it is kept for `backupDays`. Here it is kept for a day: what
 * a table was at any second is in its own backups.
 */
export class TableBackups extends Construct {
  /** Backups and copies that AWS Backup could not make. */
  readonly failures: readonly Metric[]

  constructor(scope: Construct, id: string, { config, names, tables }: TableBackupsProps) {
    super(scope, id)
    // Nothing in it is missed: it is there for the copies.
    const vault = new BackupVault(this, 'Vault', {
      backupVaultName: nameOf(config),
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const { region, vault: copies } = names
    const copyArn = `arn:${Aws.PARTITION}:backup:${region}:${Aws.ACCOUNT_ID}:backup-vault:${copies}`
    const plan = new BackupPlan(this, 'Plan', {
      backupPlanName: nameOf(config),
      backupPlanRules: [
        new BackupPlanRule({
          ruleName: 'hourly',
          backupVault: vault,
          scheduleExpression: Schedule.cron({ minute: '0' }),
          startWindow: Duration.hours(1),
          completionWindow: Duration.hours(2),
          deleteAfter: Duration.days(1),
          copyActions: [
            {
              destinationBackupVault: BackupVault.fromBackupVaultArn(this, 'Copies', copyArn),
              deleteAfter: Duration.days(Math.max(1, config.backupDays)),
            },
          ],
        }),
      ],
    })
    plan.addSelection('Tables', {
      resources: tables.map(({ tableArn }) => BackupResource.fromArn(tableArn)),
      role: createRole(this, { config, tables, vaults: [vault.backupVaultArn, copyArn] }),
      disableDefaultBackupPolicy: true,
    })
    this.failures = [
      failed('NumberOfBackupJobsFailed', nameOf(config)),
      // AWS does not say under which of the two vaults it counts a copy.
      failed('NumberOfCopyJobsFailed', nameOf(config)),
      failed('NumberOfCopyJobsFailed', copies),
    ]
  }
}

function failed(metricName: string, vault: string): Metric {
  return new Metric({
    namespace: 'AWS/Backup',
    metricName,
    dimensionsMap: { BackupVaultName: vault },
    statistic: 'Sum',
  })
}

/** What AWS's policy for backups has of DynamoDB, for these tables, vaults and their keys. */
function createRole(
  scope: Construct,
  {
    config: { encryptionKey, backupEncryptionKey },
    tables,
    vaults,
  }: Pick<TableBackupsProps, 'config' | 'tables'> & { readonly vaults: readonly string[] },
): Role {
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('backup.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
    description: 'Backs up the tables, and copies the backups to the backup region',
  })
  const arns = tables.map(({ tableArn }) => tableArn)
  // A key that is given may be of another account.
  const given = [encryptionKey, backupEncryptionKey].filter((key) => key.startsWith('arn:'))
  const keys = [`arn:${Aws.PARTITION}:kms:*:${Aws.ACCOUNT_ID}:key/*`, ...given]
  const statements = [
    {
      actions: ['dynamodb:DescribeTable', 'dynamodb:ListTagsOfResource', 'dynamodb:StartAwsBackupJob'],
      resources: arns,
    },
    { actions: ['backup:CopyIntoBackupVault', 'backup:DescribeBackupVault'], resources: [...vaults] },
    // Of a backup, whose name AWS Backup makes; it has the tags of its table.
    {
      actions: ['backup:CopyFromBackupVault', 'backup:TagResource'],
      resources: [`arn:${Aws.PARTITION}:backup:*:${Aws.ACCOUNT_ID}:recovery-point:*`],
    },
    {
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: keys,
      conditions: {
        StringLike: { 'kms:ViaService': ['backup.*.amazonaws.com', 'dynamodb.*.amazonaws.com'] },
      },
    },
    { actions: ['kms:DescribeKey'], resources: keys },
    {
      actions: ['kms:CreateGrant'],
      resources: keys,
      conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    },
  ]
  for (const statement of statements) role.addToPrincipalPolicy(new PolicyStatement(statement))
  for (const wide of ['backup:*:<AWS::AccountId>:recovery-point:*', 'kms:*:<AWS::AccountId>:key/*'])
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:${wide}]`,
      reason: 'AWS Backup names the backups, and uses the keys of both vaults.',
    })
  return role
}
