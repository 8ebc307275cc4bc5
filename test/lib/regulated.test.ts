import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { readConfig } from '../../lib/config/read-config.ts'
import { expectProperties } from '../support/expect-template.ts'
import { OTHER_ISSUER, OWN_NETWORK, REGULATED, VENUES_ON } from '../support/stage-settings.ts'
import { templateOf } from '../support/template.ts'

const read = (context: Readonly<Record<string, unknown>>) => {
  const given: Readonly<Record<string, unknown>> = { stage: 'prod', region: 'eu-central-1', ...context }
  return readConfig((key) => given[key])
}
const byDefault = templateOf({ stage: 'prod' })
const regulated = templateOf({ stage: 'prod', ...REGULATED, ...VENUES_ON, ...OTHER_ISSUER })
const propertiesOf = (type: string, template = regulated) =>
  Object.values(template.findResources(type)).map(({ Properties }) => Properties)

describe('regulated', () => {
  it('keeps every log for a year, and all connections of every network', () => {
    const logs = propertiesOf('AWS::Logs::LogGroup')
    expect(logs.length).toBeGreaterThan(15)
    for (const { RetentionInDays } of logs) expect(RetentionInDays).toBe(365)
    const flows = propertiesOf('AWS::EC2::FlowLog')
    expect(flows.map(({ TrafficType }) => TrafficType)).toEqual(['ALL', 'ALL'])
    for (const { TrafficType } of propertiesOf('AWS::EC2::FlowLog', byDefault))
      expect(TrafficType).toBe('REJECT')
  })

  it('logs no address of a client', () => {
    const formats = (template = regulated) => [
      ...propertiesOf('AWS::ApiGateway::Stage', template).map(
        ({ AccessLogSetting }) => AccessLogSetting.Format,
      ),
      ...propertiesOf('AWS::ApiGatewayV2::Stage', template).map(
        ({ AccessLogSettings }) => AccessLogSettings.Format,
      ),
    ]
    expect(formats()).toHaveLength(2)
    for (const format of formats()) expect(format).not.toMatch(/sourceIp|"ip"/)
    for (const format of formats(byDefault)) expect(format).toContain('$context.identity.sourceIp')
  })

  it('closes the default security group of every network', () => {
    expect(propertiesOf('Custom::VpcRestrictDefaultSG')).toHaveLength(2)
    expect(propertiesOf('Custom::VpcRestrictDefaultSG', byDefault)).toEqual([])
  })

  it('keeps versions of objects, and locks those of the archive', () => {
    const versioned = propertiesOf('AWS::S3::Bucket').filter(
      ({ VersioningConfiguration }) => VersioningConfiguration?.Status === 'Enabled',
    )
    expect(versioned).toHaveLength(3)
    for (const { LifecycleConfiguration } of versioned)
      expect(LifecycleConfiguration.Rules).toContainEqual({
        ExpiredObjectDeleteMarker: true,
        NoncurrentVersionExpiration: { NoncurrentDays: 30 },
        Status: 'Enabled',
      })
    const locked = versioned.filter(({ ObjectLockEnabled }) => ObjectLockEnabled === true)
    expect(locked.map(({ ObjectLockConfiguration }) => ObjectLockConfiguration)).toEqual([
      { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Days: 365, Mode: 'GOVERNANCE' } } },
    ])
    const compliance = templateOf({
      stage: 'prod',
      ...REGULATED,
      objectLockMode: 'compliance',
      objectLockDays: '2190',
    })
    expectProperties(compliance, 'AWS::S3::Bucket', {
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Days: 2190, Mode: 'COMPLIANCE' } } },
    })
    for (const { VersioningConfiguration } of propertiesOf('AWS::S3::Bucket', byDefault))
      expect(VersioningConfiguration).toBeUndefined()
  })

  it('has domains of its own with TLS 1.2, and with keys alone no other way to the REST API', () => {
    expectProperties(regulated, 'AWS::ApiGateway::DomainName', {
      DomainName: REGULATED.apiDomain,
      RegionalCertificateArn: REGULATED.apiCertificateArn,
      SecurityPolicy: 'TLS_1_2',
    })
    expectProperties(regulated, 'AWS::ApiGatewayV2::DomainName', {
      DomainName: REGULATED.webSocketDomain,
      DomainNameConfigurations: [Match.objectLike({ SecurityPolicy: 'TLS_1_2' })],
    })
    expect(regulated.findOutputs('ApiUrl')['ApiUrl']?.['Value']).toBe('https://bars.example.com/')
    expect(regulated.findOutputs('WebSocketUrl')['WebSocketUrl']?.['Value']).toBe('wss://live.example.com')
    for (const output of ['ApiHost', 'WebSocketHost']) expect(regulated.findOutputs(output)).not.toEqual({})
    expectProperties(templateOf({ stage: 'prod', ...REGULATED }), 'AWS::ApiGateway::RestApi', {
      DisableExecuteApiEndpoint: true,
    })
    expectProperties(
      templateOf({ stage: 'prod', ...REGULATED, access: 'clients' }),
      'AWS::ApiGateway::RestApi',
      { DisableExecuteApiEndpoint: true },
    )
    // CloudFront asks there.
    expectProperties(regulated, 'AWS::ApiGateway::RestApi', { DisableExecuteApiEndpoint: Match.absent() })
  })

  it('has a web ACL before the REST API, with rules of AWS and a rate', () => {
    const [acl] = propertiesOf('AWS::WAFv2::WebACL')
    const rules = z.array(z.looseObject({ Name: z.string() })).parse(acl?.Rules)
    expect(rules.map(({ Name }) => Name)).toEqual([
      'AWSManagedRulesCommonRuleSet',
      'AWSManagedRulesKnownBadInputsRuleSet',
      'Rate',
    ])
    expect(propertiesOf('AWS::WAFv2::WebACLAssociation')).toHaveLength(1)
    const existing = 'arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/bank/1234'
    const other = templateOf({ stage: 'prod', apiWebAcl: existing })
    expect(propertiesOf('AWS::WAFv2::WebACL', other)).toEqual([])
    expectProperties(other, 'AWS::WAFv2::WebACLAssociation', { WebACLArn: existing })
  })

  it('encrypts with a key of its own that is rotated, and cannot be deleted', () => {
    expectProperties(regulated, 'AWS::KMS::Key', { EnableKeyRotation: true })
    expectProperties(regulated, 'AWS::RDS::DBInstance', {
      BackupRetentionPeriod: 35,
      DeletionProtection: true,
      MultiAZ: true,
    })
  })
})

it('enhanced monitoring looks at the database each minute with regulated, or as often as it is told, and not by default', () => {
  const role = Object.keys(regulated.findResources('AWS::IAM::Role')).find((id) =>
    id.startsWith('DatabaseMonitoringRole'),
  )
  expect(role).toBeDefined()
  expectProperties(regulated, 'AWS::RDS::DBInstance', {
    MonitoringInterval: 60,
    MonitoringRoleArn: { 'Fn::GetAtt': [role, 'Arn'] },
  })
  expectProperties(templateOf({ stage: 'dev', databaseMonitoringSeconds: '5' }), 'AWS::RDS::DBInstance', {
    MonitoringInterval: 5,
  })
  expectProperties(byDefault, 'AWS::RDS::DBInstance', { MonitoringInterval: Match.absent() })
})

it('every endpoint of the network lets roles of this account to resources of this account, and nobody else', () => {
  const account = { Ref: 'AWS::AccountId' }
  const endpoints = propertiesOf('AWS::EC2::VPCEndpoint', byDefault)
  expect(endpoints).toHaveLength(4)
  for (const { PolicyDocument } of endpoints)
    expect(PolicyDocument.Statement).toEqual([
      {
        Action: '*',
        Condition: { StringEquals: { 'aws:PrincipalAccount': account, 'aws:ResourceAccount': account } },
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Resource: '*',
      },
    ])
})

it('a code signing configuration is that of every part, and none by default', () => {
  const codeSigningConfigArn =
    'arn:aws:lambda:eu-central-1:123456789012:code-signing-config:csc-0123456789abcdef0'
  const parts = propertiesOf(
    'AWS::Lambda::Function',
    templateOf({ stage: 'prod', codeSigningConfigArn }),
  ).filter(({ FunctionName }) => FunctionName !== undefined)
  expect(parts.length).toBeGreaterThan(8)
  for (const { CodeSigningConfigArn } of parts) expect(CodeSigningConfigArn).toBe(codeSigningConfigArn)
  for (const { CodeSigningConfigArn } of propertiesOf('AWS::Lambda::Function', byDefault))
    expect(CodeSigningConfigArn).toBeUndefined()
})

describe('the config', () => {
  it('takes more than regulated wants', () => {
    expect(read({ ...REGULATED, logDays: 3653, backupDays: 14 })).toMatchObject({
      logDays: 3653,
      backupDays: 14,
      flowLogs: 'all',
      encryptionKey: 'own',
    })
    expect(read({ stage: 'dev', ...REGULATED }).databaseZones).toBe('multi')
  })

  it('turns each of them on alone too', () => {
    expect(read({ logDays: '400' })).toMatchObject({
      logDays: 400,
      flowLogs: 'rejected',
      encryptionKey: 'aws',
    })
  })

  it.each([
    [{ regulated: 'on' }, 'apiDomain and webSocketDomain are not set: regulated wants domains'],
    [{ ...REGULATED, ...OTHER_ISSUER, dashboardWebAclArn: undefined }, 'dashboardWebAclArn is not set'],
    [{ ...REGULATED, flowLogs: 'rejected' }, 'flowLogs is "rejected": with regulated on, allowed is all'],
    [{ ...REGULATED, logDays: 180 }, 'logDays is 180: with regulated on, allowed is 365 or more'],
    [{ ...REGULATED, encryptionKey: 'aws' }, 'encryptionKey is "aws": with regulated on, allowed is own'],
    [{ ...REGULATED, rotationDays: 0 }, 'rotationDays is 0: with regulated on, allowed is 1 or more'],
    [
      { ...REGULATED, databaseMonitoringSeconds: 0 },
      'databaseMonitoringSeconds is 0: with regulated on, allowed is 1, 5, 10, 15, 30 or 60',
    ],
    [{ databaseMonitoringSeconds: 2 }, 'allowed is 0, 1, 5, 10, 15, 30 or 60'],
    [{ ...REGULATED, stage: 'local' }, 'regulated is "on": it is for AWS'],
    [{ ...OWN_NETWORK, flowLogs: 'all' }, 'it has no effect on the network of vpcId'],
    [{ logDays: 31 }, 'logDays is 31: allowed is one of 1, 3, 5, 7, 14, 30'],
    [{ objectLockDays: 30 }, 'objectLockDays is 30: S3 locks versions of objects; set bucketVersionDays too'],
    [{ objectLockMode: 'compliance' }, 'objectLockDays is 0; set it too'],
    [{ apiDomain: 'bars.example.com' }, 'apiCertificateArn is not set: name its certificate'],
    [
      { apiCertificateArn: REGULATED.apiCertificateArn },
      'none of apiDomain, webSocketDomain and bridgeDomain is set',
    ],
    [{ ...REGULATED, webSocketDomain: REGULATED.apiDomain }, 'the REST API has that domain; name another'],
    [{ ...REGULATED, websocket: 'off' }, 'websocket is off; leave it out'],
    [
      { ...REGULATED, apiCertificateArn: REGULATED.apiCertificateArn.replace('eu-central-1', 'us-east-1') },
      'it is in us-east-1, and the deployment in eu-central-1',
    ],
    [{ apiWebAcl: 'all' }, 'allowed is none, own, or the ARN of a web ACL'],
    [{ codeSigningConfigArn: 'csc' }, 'allowed is the ARN of a code signing configuration of Lambda'],
  ])('cannot be %j', (context, why) => {
    expect(() => read(context)).toThrow(why)
  })
})
