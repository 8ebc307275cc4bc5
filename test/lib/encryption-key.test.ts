import { Match, type Template } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { billOf } from '../../bin/cost/bill.ts'
import { takeInventory } from '../../bin/cost/inventory.ts'
import { readConfig } from '../../lib/config/read-config.ts'
import { expectProperties } from '../support/expect-template.ts'
import { ALERTS_ON, BRIDGE_ON, OTHER_ISSUER, OWN_KEY, VENUES_ON } from '../support/stage-settings.ts'
import { bridgeTemplateOf, templateOf } from '../support/template.ts'

const EVERYTHING = {
  ...OTHER_ISSUER,
  ...VENUES_ON,
  ...ALERTS_ON,
  ...BRIDGE_ON,
  alarmEmail: 'sre@example.com',
  databaseProxy: 'on',
}
const withKey = (encryptionKey: string): Template =>
  templateOf({ stage: 'prod', ...EVERYTHING, encryptionKey })
const bridgeWithKey = (encryptionKey: string): Template =>
  bridgeTemplateOf({ stage: 'prod', ...EVERYTHING, encryptionKey })
const own = withKey('own')
const [ownKey] = Object.keys(own.findResources('AWS::KMS::Key'))
const CASES: readonly (readonly [string, Template, unknown])[] = [
  ['a key of the stack', own, { 'Fn::GetAtt': [ownKey, 'Arn'] }],
  ['an existing key', withKey(OWN_KEY), OWN_KEY],
]

it.each([
  // A parameter of the stack within the stack.
  ['own', { Ref: expect.stringMatching(/^reference.*EncryptionKey/) }],
  [OWN_KEY, OWN_KEY],
])('the key %s encrypts the secret and the logs of the bridge, for what starts its tasks', (key, arn) => {
  const template = bridgeWithKey(key)
  for (const type of ['AWS::SecretsManager::Secret', 'AWS::Logs::LogGroup']) {
    const found = Object.values(template.findResources(type))
    expect(found.length).toBeGreaterThan(0)
    for (const { Properties } of found) expect(Properties.KmsKeyId).toEqual(arn)
  }
  const policies = Object.values(template.findResources('AWS::IAM::Policy')).map(
    ({ Properties }) => Properties,
  )
  const ofExecution = policies.find(({ Roles }) => /ExecutionRole/.test(JSON.stringify(Roles)))
  expect(JSON.stringify(ofExecution)).toContain('kms:Decrypt')
})

describe.each(CASES)('%s encrypts', (_name, template, arn) => {
  const all = (type: string) => {
    const found = Object.values(template.findResources(type))
    expect(found).not.toEqual([])
    return found.map(({ Properties }) => Properties)
  }

  it('streams', () => {
    for (const { StreamEncryption } of all('AWS::Kinesis::Stream'))
      expect(StreamEncryption).toEqual({ EncryptionType: 'KMS', KeyId: arn })
  })

  it('tables', () => {
    for (const { SSESpecification, Replicas } of all('AWS::DynamoDB::GlobalTable')) {
      expect(SSESpecification).toEqual({ SSEEnabled: true, SSEType: 'KMS' })
      expect(Replicas[0].SSESpecification).toEqual({ KMSMasterKeyId: arn })
      expect(Replicas[0].Region).toBeDefined()
    }
  })

  it('the buckets of trades, dead letters and exports, but not the files of the page', () => {
    const algorithms = all('AWS::S3::Bucket').map(
      ({ BucketEncryption }) => BucketEncryption.ServerSideEncryptionConfiguration[0],
    )
    const encrypted = {
      BucketKeyEnabled: true,
      ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: arn },
    }
    const plain = { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }
    expect(algorithms).toHaveLength(4)
    expect(algorithms).toEqual(expect.arrayContaining([encrypted, encrypted, plain]))
    expect(algorithms.filter((each) => each.BucketKeyEnabled === true)).toHaveLength(3)
  })

  it('the database and what it tells of its statements', () => {
    for (const { KmsKeyId, PerformanceInsightsKMSKeyId } of all('AWS::RDS::DBInstance'))
      expect([KmsKeyId, PerformanceInsightsKMSKeyId]).toEqual([arn, arn])
  })

  it('secrets, logs and mails', () => {
    for (const { KmsKeyId } of [...all('AWS::SecretsManager::Secret'), ...all('AWS::Logs::LogGroup')])
      expect(KmsKeyId).toEqual(arn)
    for (const { KmsMasterKeyId } of all('AWS::SNS::Topic')) expect(KmsMasterKeyId).toEqual(arn)
  })

  it('for those who may use the data, through the services that they may call', () => {
    const services = servicesByRole(template, arn)
    expect(services('AggregatorFunctionServiceRole')).toEqual(['dynamodb', 'kinesis', 's3'])
    expect(services('SweeperFunctionServiceRole')).toEqual(['dynamodb', 'kinesis'])
    expect(services('ApiFunctionServiceRole')).toEqual(['secretsmanager'])
    expect(services('ArchiverFunctionServiceRole')).toEqual(['kinesis', 's3'])
    expect(services('MigratorFunctionServiceRole')).toEqual(['secretsmanager'])
    expect(services('VenueFeedTaskTaskRole')).toEqual(['dynamodb', 'kinesis', 's3'])
    expect(services('VenueFeedTaskExecutionRole')).toEqual(['secretsmanager'])
    expect(services('AlerterFunctionServiceRole')).toEqual(['dynamodb', 'kinesis', 's3', 'sns'])
    expect(services('DatabaseProxyIAMRole')).toEqual(['secretsmanager'])
  })
})

const policySchema = z.object({
  Properties: z.object({
    Roles: z.array(z.object({ Ref: z.string() })),
    PolicyDocument: z.object({
      Statement: z.array(
        z.looseObject({
          Action: z.union([z.string(), z.array(z.string())]),
          Resource: z.unknown(),
          Condition: z.unknown().optional(),
        }),
      ),
    }),
  }),
})

/** Through which services a role may use a key; it may use it in no other way. */
function servicesByRole(template: Template, arn: unknown): (role: string) => string[] {
  const policies = Object.values(template.findResources('AWS::IAM::Policy')).map((each) =>
    policySchema.parse(each),
  )
  return (role) =>
    policies
      .filter(({ Properties }) => Properties.Roles.some(({ Ref }) => Ref.startsWith(role)))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Action }) => [Action].flat().some((action) => action.startsWith('kms:')))
      .flatMap(({ Resource, Condition }) => {
        expect(Resource).toEqual(arn)
        return z
          .object({
            StringEquals: z.object({ 'kms:ViaService': z.union([z.string(), z.array(z.string())]) }),
          })
          .parse(
            // The region of the stack is known only to CloudFormation here.
            JSON.parse(
              JSON.stringify(Condition).replaceAll(/\{"Fn::Join":\["",\["(\w+)\.".*?\]\]\}/g, '"$1"'),
            ),
          ).StringEquals['kms:ViaService']
      })
}

describe('a key of the stack', () => {
  it('is rotated, kept in prod, and lets logs and alarms use it for what they encrypt themselves', () => {
    expect(() =>
      own.hasResource('AWS::KMS::Key', {
        DeletionPolicy: 'RetainExceptOnCreate',
        Properties: {
          EnableKeyRotation: true,
          KeyPolicy: {
            Statement: [
              Match.objectLike({ Action: 'kms:*' }),
              Match.objectLike({
                Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': Match.anyValue() } },
              }),
              Match.objectLike({
                Principal: { Service: 'cloudwatch.amazonaws.com' },
                Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
              }),
            ],
          },
        },
      }),
    ).not.toThrow()
    expectProperties(own, 'AWS::KMS::Alias', { AliasName: 'alias/tickstock-prod' })
  })

  it('costs a dollar a month, an existing one nothing more', () => {
    const given: Readonly<Record<string, string>> = { stage: 'prod', region: 'us-east-1' }
    const config = readConfig((key) => given[key])
    const serviceOf = (template: Template) =>
      billOf(config, { symbols: 70, ticksPerSecond: 1 }, takeInventory(template.toJSON())).services.get('KMS')
    expect(serviceOf(own)).toBe(1)
    expect(serviceOf(withKey(OWN_KEY))).toBeUndefined()
  })
})

it('by default there is no key, and no other value than the three', () => {
  expect(templateOf({ stage: 'prod' }).findResources('AWS::KMS::Key')).toEqual({})
  const read = (context: Readonly<Record<string, unknown>>) => {
    const given: Readonly<Record<string, unknown>> = { stage: 'prod', region: 'eu-central-1', ...context }
    return readConfig((key) => given[key])
  }
  expect(() => read({ encryptionKey: 'mine' })).toThrow(
    'encryptionKey is "mine": allowed is aws, own, or the ARN',
  )
  expect(() => read({ encryptionKey: OWN_KEY.replace('eu-central-1', 'us-east-1') })).toThrow(
    'it is in us-east-1, and the deployment in eu-central-1',
  )
  expect(() => read({ stage: 'local', encryptionKey: 'own' })).toThrow('it is for AWS')
})
