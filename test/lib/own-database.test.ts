import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'

import { readConfig } from '../../lib/config/read-config.ts'
import { expectProperties } from '../support/expect-template.ts'
import { OWN_DATABASE, OWN_NETWORK } from '../support/stage-settings.ts'
import { templateOf } from '../support/template.ts'

const read = (context: Readonly<Record<string, unknown>>) => {
  const given: Readonly<Record<string, unknown>> = { stage: 'prod', region: 'eu-central-1', ...context }
  return readConfig((key) => given[key])
}

describe('an existing database', () => {
  const template = templateOf({
    stage: 'prod',
    ...OWN_DATABASE,
    databasePort: '5433',
    databaseName: 'market',
  })
  const { databaseSecretArn } = OWN_DATABASE

  it.each(['AWS::RDS::DBInstance', 'AWS::RDS::DBSubnetGroup', 'AWS::RDS::DBParameterGroup', 'AWS::EC2::VPC'])(
    'is left alone: the stack makes no %s',
    (type) => {
      expect(template.findResources(type)).toEqual({})
    },
  )

  it('has its migrator connect as the owner of the secret, and TLS verified', () => {
    expectProperties(template, 'AWS::Lambda::Function', {
      FunctionName: 'tickstock-prod-migrator',
      Environment: {
        Variables: Match.objectLike({
          OWNER_SECRET_ARN: databaseSecretArn,
          DATABASE_TLS: 'verify',
          DATABASE_CA_FILE: '/var/runtime/ca-cert.pem',
        }),
      },
    })
    const policies = JSON.stringify(template.findResources('AWS::IAM::Policy'))
    expect(policies.split(databaseSecretArn)).toHaveLength(2)
  })

  it('has a secret for each of the two roles, with its address, and both are rotated', () => {
    const secrets = Object.values(template.findResources('AWS::SecretsManager::Secret')).map(
      ({ Properties }) => ({
        name: Properties.Name,
        template: JSON.parse(Properties.GenerateSecretString.SecretStringTemplate),
      }),
    )
    const place = { host: 'postgres.example.com', port: 5433, dbname: 'market' }
    expect(secrets).toEqual([
      { name: 'tickstock/prod/database/write', template: { username: 'app_readwrite', ...place } },
      { name: 'tickstock/prod/database/read', template: { username: 'app_readonly', ...place } },
    ])
    expect(Object.keys(template.findResources('AWS::SecretsManager::RotationSchedule'))).toHaveLength(2)
    expect(JSON.stringify(template.findResources('AWS::SecretsManager::RotationSchedule'))).not.toContain(
      databaseSecretArn,
    )
  })

  it('is reached at its port, and lets the functions in where its security group is named', () => {
    expectProperties(template, 'AWS::EC2::SecurityGroup', {
      SecurityGroupEgress: Match.arrayWith([
        Match.objectLike({ FromPort: 5433, ToPort: 5433, CidrIp: '0.0.0.0/0' }),
      ]),
    })
    const databaseSecurityGroup = 'sg-0123456789abcdef0'
    const named = templateOf({ stage: 'prod', ...OWN_DATABASE, databaseSecurityGroup })
    expectProperties(named, 'AWS::EC2::SecurityGroupIngress', {
      GroupId: databaseSecurityGroup,
      FromPort: 5432,
      ToPort: 5432,
    })
    expectProperties(named, 'AWS::EC2::SecurityGroupEgress', {
      DestinationSecurityGroupId: databaseSecurityGroup,
      FromPort: 5432,
      ToPort: 5432,
    })
  })

  it('may have a certificate of a public authority', () => {
    expectProperties(
      templateOf({ stage: 'prod', ...OWN_DATABASE, databaseAuthority: 'public' }),
      'AWS::Lambda::Function',
      {
        FunctionName: 'tickstock-prod-migrator',
        Environment: {
          Variables: Match.objectLike({
            DATABASE_TLS: 'verify-public',
            DATABASE_PROXY_HOST: 'postgres.example.com',
          }),
        },
      },
    )
  })

  it('leaves its alarms and graphs to its owner, and all others are there', () => {
    const alarms = JSON.stringify(template.findResources('AWS::CloudWatch::Alarm'))
    expect(alarms).not.toContain('AWS/RDS')
    expect(alarms).toContain('tickstock-prod-bar-writer-late')
    const composites = JSON.stringify(template.findResources('AWS::CloudWatch::CompositeAlarm'))
    expect(composites).not.toContain('database-unhealthy')
    expect(JSON.stringify(template.findResources('AWS::CloudWatch::Dashboard'))).not.toContain('AWS/RDS')
  })

  it('may have as many readers as its owner allows', () => {
    expect(read({ ...OWN_DATABASE, apiConcurrency: 150 }).apiConcurrency).toBe(150)
  })

  const elsewhere = databaseSecretArn.replace('eu-central-1', 'us-east-1')
  it.each([
    [{ databaseSecretArn }, 'vpcId is not set'],
    [{ ...OWN_NETWORK, databaseSecretArn }, 'databaseHost is not set'],
    [{ ...OWN_DATABASE, databaseSecretArn: 'owner' }, 'allowed is the whole ARN of a secret'],
    [
      { ...OWN_DATABASE, databaseSecretArn: elsewhere },
      'it is in us-east-1, and the deployment in eu-central-1',
    ],
    [
      { ...OWN_DATABASE, databaseZones: 'multi' },
      'databaseZones is "multi": it has no effect on the database',
    ],
    [{ ...OWN_DATABASE, backupDays: 7 }, 'backupDays is 7: it has no effect on the database'],
    [{ databaseHost: 'db' }, 'databaseHost is "db": on AWS it is of an existing database'],
    [{ databaseSecurityGroup: 'sg-01234567' }, 'on AWS it is of an existing database'],
    [{ ...OWN_DATABASE, stage: 'local' }, 'it is for AWS, and stage local is not there'],
  ])('cannot be %j', (context, why) => {
    expect(() => read(context)).toThrow(why)
  })
})
