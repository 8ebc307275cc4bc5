import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { expectProperties } from '../support/expect-template.ts'
import { templateOf } from '../support/template.ts'

const template = templateOf({ stage: 'prod' })
/** What is there only while clients are connected: nothing to keep, and nothing to restore. */
const PASSING = ['"tickstock-prod-connections"', '"tickstock-prod-subscribers"']
const isPassing = (resource: unknown): boolean =>
  PASSING.some((name) => JSON.stringify(resource).includes(name))
const resources = (type: string): unknown[] => Object.values(template.findResources(type))
const lasting = (type: string): unknown[] => resources(type).filter((each) => !isPassing(each))

const functionSchema = z.object({
  Properties: z.object({
    FunctionName: z.string(),
    Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
  }),
})

describe('secrets', () => {
  const environments = resources('AWS::Lambda::Function').map((each) => functionSchema.parse(each).Properties)

  it.each(environments)('are not in the environment of $FunctionName', ({ Environment }) => {
    for (const [name, value] of Object.entries(Environment.Variables)) {
      expect(JSON.stringify(value)).not.toMatch(/resolve:|SecretString/)
      if (/SECRET|PASSWORD|TOKEN/.test(name)) expect(name).toMatch(/_ARN$/)
    }
  })

  it('are in no output, and only their names are', () => {
    expect(JSON.stringify(template.findOutputs('*'))).not.toMatch(/resolve:|[Pp]assword/)
  })

  it('are changed every 30 days, all three', () => {
    expect(resources('AWS::SecretsManager::Secret')).toHaveLength(3)
    const schedules = resources('AWS::SecretsManager::RotationSchedule')
    expect(schedules).toHaveLength(3)
    for (const schedule of schedules)
      expect(schedule).toMatchObject({
        Properties: { RotationRules: { ScheduleExpression: 'rate(30 days)' } },
      })
  })
})

describe('data at rest', () => {
  it('is encrypted on every stream, with the key that costs nothing', () => {
    for (const stream of resources('AWS::Kinesis::Stream'))
      expect(stream).toMatchObject({
        Properties: { StreamEncryption: { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' } },
      })
  })

  it('is encrypted, private and out of reach without TLS in the bucket', () => {
    expectProperties(template, 'AWS::S3::Bucket', {
      BucketEncryption: Match.anyValue(),
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 90, Status: 'Enabled' }] },
    })
    expectProperties(template, 'AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        ]),
      },
    })
  })

  it('is encrypted, backed up, protected and closed to the world in the database', () => {
    expectProperties(template, 'AWS::RDS::DBInstance', {
      Engine: 'postgres',
      EngineVersion: '18',
      StorageType: 'gp3',
      StorageEncrypted: true,
      PubliclyAccessible: false,
      DeletionProtection: true,
      BackupRetentionPeriod: 14,
      MultiAZ: true,
      EnablePerformanceInsights: true,
    })
    expect(resources('AWS::RDS::DBInstance')).toEqual([
      expect.objectContaining({ DeletionPolicy: 'Snapshot' }),
    ])
  })

  it.each(['AWS::Kinesis::Stream', 'AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket'])(
    'is kept in prod when the stack goes, but not when its creation fails: %s',
    (type) => {
      expect(lasting(type)).not.toEqual([])
      for (const resource of lasting(type))
        expect(resource).toMatchObject({
          DeletionPolicy: 'RetainExceptOnCreate',
          UpdateReplacePolicy: 'Retain',
        })
    },
  )

  it('can be had back in prod from the tables to the second, which nobody deletes by mistake', () => {
    for (const table of lasting('AWS::DynamoDB::GlobalTable'))
      expect(table).toMatchObject({
        Properties: {
          Replicas: [
            {
              DeletionProtectionEnabled: true,
              PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
            },
          ],
        },
      })
  })
})

it('connections and what they subscribe to are removed by the tables themselves, which go with the stack', () => {
  const passing = resources('AWS::DynamoDB::GlobalTable').filter(isPassing)
  expect(passing).toHaveLength(PASSING.length)
  for (const table of passing)
    expect(table).toMatchObject({
      DeletionPolicy: 'Delete',
      Properties: { TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true } },
    })
})

describe('data on the way', () => {
  it('to the database wants TLS, which the functions verify', () => {
    expectProperties(template, 'AWS::RDS::DBParameterGroup', {
      Parameters: Match.objectLike({ 'rds.force_ssl': '1' }),
    })
    for (const FunctionName of ['tickstock-prod-bar-writer', 'tickstock-prod-migrator'])
      expectProperties(template, 'AWS::Lambda::Function', {
        FunctionName,
        Environment: {
          Variables: Match.objectLike({
            DATABASE_TLS: 'verify',
            DATABASE_CA_FILE: '/var/runtime/ca-cert.pem',
          }),
        },
      })
  })

  it('through the proxy wants TLS too, and goes past it for migrations', () => {
    const withProxy = templateOf({ stage: 'prod', databaseProxy: 'on' })
    expectProperties(withProxy, 'AWS::RDS::DBProxy', { RequireTLS: true, EngineFamily: 'POSTGRESQL' })
    expectProperties(withProxy, 'AWS::Lambda::Function', {
      FunctionName: 'tickstock-prod-bar-writer',
      Environment: { Variables: Match.objectLike({ DATABASE_TLS: 'verify-public' }) },
    })
    expectProperties(withProxy, 'AWS::Lambda::Function', {
      FunctionName: 'tickstock-prod-migrator',
      Environment: { Variables: Match.objectLike({ DATABASE_TLS: 'verify' }) },
    })
  })

  it('has no way to the internet, and to the database only from the functions that connect', () => {
    for (const type of ['AWS::EC2::InternetGateway', 'AWS::EC2::NatGateway'])
      expect(resources(type)).toEqual([])
    const rules = resources('AWS::EC2::SecurityGroupIngress')
    // To the database, Secrets Manager and Kinesis.
    expect(rules).toHaveLength(3)
    for (const rule of rules)
      expect(rule).toMatchObject({
        Properties: {
          SourceSecurityGroupId: {
            'Fn::GetAtt': [expect.stringMatching(/^DatabaseNetworkClients/), 'GroupId'],
          },
        },
      })
  })
})
