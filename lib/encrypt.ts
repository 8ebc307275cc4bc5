import { ArnFormat, type Stack, Validations } from 'aws-cdk-lib'
import { CfnBackupVault } from 'aws-cdk-lib/aws-backup'
import { CfnGlobalTable } from 'aws-cdk-lib/aws-dynamodb'
import { CfnPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { CfnStream } from 'aws-cdk-lib/aws-kinesis'
import { type IKey, Key } from 'aws-cdk-lib/aws-kms'
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs'
import { CfnDBInstance } from 'aws-cdk-lib/aws-rds'
import { CfnBucket } from 'aws-cdk-lib/aws-s3'
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager'
import { CfnTopic } from 'aws-cdk-lib/aws-sns'
import type { IConstruct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { Config } from './config/config.ts'
import { removalPolicyOf } from './removal-policy.ts'
import { WebPage } from './web-page.ts'

/** Services that use the key on behalf of who calls them. */
const ON_BEHALF = ['dynamodb', 'kinesis', 's3', 'secretsmanager', 'sns'] as const

/**
 * Encrypts all data at rest of a stack with the key of the config, when everything is in it, and lets those use the key who
 * may read or write the data. The files of the dashboard, which hold none, keep the key of S3, and the environment of the
 * functions, where there are names only, that of Lambda.
 */
export function encrypt(stack: Stack, config: Config): void {
  if (config.encryptionKey === 'aws') return
  const key =
    config.encryptionKey === 'own'
      ? createKey(stack, config)
      : Key.fromKeyArn(stack, 'EncryptionKey', config.encryptionKey)
  const all = stack.node.findAll()
  for (const each of all) useKey(each, key.keyArn)
  for (const each of all)
    // Functions of the CDK handle no data.
    if (each instanceof Role && !each.node.path.includes('/Custom::')) grantKey(stack, each, key)
}

/** Its policy lets the roles of the account use it as their own policies say, and two services for what they do by themselves. */
function createKey(stack: Stack, config: Config): Key {
  const key = new Key(stack, 'EncryptionKey', {
    alias: `alias/${nameOf(config)}`,
    description: `Data of TickStock, ${nameOf(config)}`,
    enableKeyRotation: true,
    removalPolicy: removalPolicyOf(config),
  })
  const logs = stack.formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: '*',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  })
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      resources: ['*'],
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': logs } },
    }),
  )
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    }),
  )
  return key
}

function useKey(each: IConstruct, keyArn: string): void {
  if (each instanceof CfnStream) {
    each.streamEncryption = { encryptionType: 'KMS', keyId: keyArn }
    Validations.of(each).acknowledge({
      id: 'AwsSolutions-KDS3',
      reason: 'The config names another key than that of AWS, for the control over it.',
    })
  } else if (each instanceof CfnGlobalTable) {
    each.sseSpecification = { sseEnabled: true, sseType: 'KMS' }
    each.addPropertyOverride('Replicas.0.SSESpecification', { KMSMasterKeyId: keyArn })
  } else if (each instanceof CfnDBInstance) {
    each.kmsKeyId = keyArn
    each.performanceInsightsKmsKeyId = keyArn
  } else if (each instanceof CfnSecret || each instanceof CfnLogGroup) each.kmsKeyId = keyArn
  else if (each instanceof CfnBackupVault) each.encryptionKeyArn = keyArn
  else if (each instanceof CfnTopic) each.kmsMasterKeyId = keyArn
  else if (each instanceof CfnBucket && !each.node.scopes.some((scope) => scope instanceof WebPage))
    each.bucketEncryption = {
      serverSideEncryptionConfiguration: [
        {
          serverSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: keyArn },
          // One request to KMS for many objects.
          bucketKeyEnabled: true,
        },
      ],
    }
}

/** Through the services that the role may call, and no others. */
function grantKey(stack: Stack, role: Role, key: IKey): void {
  const policies = role.node.findAll().filter((each) => each instanceof CfnPolicy)
  const text = JSON.stringify(policies.map(({ policyDocument }): unknown => stack.resolve(policyDocument)))
  const services = ON_BEHALF.filter((service) => text.includes(`"${service}:`))
  if (services.length === 0) return
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: [
        'kms:Decrypt',
        'kms:DescribeKey',
        'kms:Encrypt',
        'kms:GenerateDataKey',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
      ],
      resources: [key.keyArn],
      conditions: {
        StringEquals: {
          'kms:ViaService': services.map((service) => `${service}.${stack.region}.amazonaws.com`),
        },
      },
    }),
  )
}
