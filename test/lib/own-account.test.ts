import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { readConfig } from '../../lib/config/read-config.ts'
import { expectProperties } from '../support/expect-template.ts'
import { ALERTS_ON, BRIDGE_ON, OTHER_ISSUER, OWN_NETWORK, VENUES_ON } from '../support/stage-settings.ts'
import { bridgeTemplateOf, stackOf, templateOf } from '../support/template.ts'

const PROD = { stage: 'prod', region: 'eu-central-1' }
const read = (context: Readonly<Record<string, unknown>>) => {
  const given: Readonly<Record<string, unknown>> = { ...PROD, ...context }
  return readConfig((key) => given[key])
}
const EVERYTHING = {
  ...OTHER_ISSUER,
  ...VENUES_ON,
  ...BRIDGE_ON,
  alarmEmail: 'sre@example.com',
  databaseProxy: 'on',
  syntheticFeed: 'on',
  ...ALERTS_ON,
}

describe('two deployments of a stage with prefixes of their own', () => {
  const namesOf = (context: Readonly<Record<string, string>>): string[] =>
    [templateOf, bridgeTemplateOf].flatMap((of) =>
      Object.values(of({ stage: 'prod', ...EVERYTHING, ...context }).toJSON()['Resources'] ?? {}).flatMap(
        fixedNames,
      ),
    )

  it('share no name of a resource', () => {
    const [ours, theirs] = [namesOf({ prefix: 'desk' }), namesOf({ prefix: 'rates-desk' })]
    expect(ours.length).toBeGreaterThan(100)
    expect(ours.filter((name) => theirs.includes(name))).toEqual([])
    expect(ours.filter((name) => name.includes('tickstock'))).toEqual([])
  })

  it('share no namespace of metrics, and the default is as ever', () => {
    const namespaceOf = (context: Readonly<Record<string, string>>): unknown[] => {
      const functions = templateOf({ stage: 'prod', ...context }).findResources('AWS::Lambda::Function')
      const all = Object.values(functions).map(
        ({ Properties }) => Properties.Environment.Variables.POWERTOOLS_METRICS_NAMESPACE,
      )
      return [...new Set(all)]
    }
    expect(namespaceOf({})).toEqual(['TickStock/prod'])
    expect(namespaceOf({ prefix: 'desk' })).toEqual(['TickStock/desk-prod'])
  })

  it.each([
    [{ prefix: 'Desk' }, 'allowed are up to 20 lower case letters'],
    [{ prefix: 'desk--two' }, 'allowed are up to 20 lower case letters'],
    [{ prefix: 'a-very-long-prefix-of-a-desk' }, 'allowed are up to 20 lower case letters'],
    [{ prefix: 'desk-dev' }, 'dev is the name of a stage'],
    [{ prefix: 'aws-desk' }, 'names of parameters that begin with aws belong to AWS'],
    [{ prefix: 'my-amazon-desk', access: 'people' }, 'Cognito refuses amazon'],
    [{ stage: 'local', prefix: 'desk' }, 'it is for AWS, and stage local is not there'],
  ])('cannot have %j', (context, why) => {
    expect(() => read(context)).toThrow(`bad configuration: prefix is "${context.prefix}": ${why}`)
  })

  it('may have a prefix that Cognito refuses where it has no pool', () => {
    expect(read({ ...OTHER_ISSUER, prefix: 'my-amazon-desk' }).prefix).toBe('my-amazon-desk')
  })
})

/** What AWS wants to be unique in an account and region: names of resources, but of those inside of another. */
function fixedNames(resource: unknown): string[] {
  const { Type, Properties } = resourceSchema.parse(resource)
  if (INSIDE_OF_ANOTHER.has(Type)) return []
  return Object.entries(Properties).flatMap(([key, value]) =>
    typeof value === 'string' && NAMES.has(key) ? [value] : [],
  )
}

const resourceSchema = z.object({ Type: z.string(), Properties: z.looseObject({}).default({}) })
const INSIDE_OF_ANOTHER = new Set([
  'AWS::CodeDeploy::DeploymentGroup',
  'AWS::Lambda::Alias',
  'AWS::RDS::DBParameterGroup',
])

const NAMES = new Set([
  'AlarmName',
  'ApplicationName',
  'ClusterName',
  'DashboardName',
  'DBInstanceIdentifier',
  'DBProxyName',
  'DeploymentConfigName',
  'Family',
  'FunctionName',
  'LogGroupName',
  'ServiceName',
  'TableName',
  'TopicName',
  'Name',
  'UsagePlanName',
  'UserPoolName',
])

describe('tags', () => {
  const template = templateOf({ stage: 'prod', ...EVERYTHING, tags: 'cost-center=1234,owner=Desk A/B' })
  const TAGS = [
    { Key: 'cost-center', Value: '1234' },
    { Key: 'owner', Value: 'Desk A/B' },
  ]

  it.each([
    'AWS::Lambda::Function',
    'AWS::Kinesis::Stream',
    'AWS::S3::Bucket',
    'AWS::RDS::DBInstance',
    'AWS::SecretsManager::Secret',
    'AWS::IAM::Role',
    'AWS::Logs::LogGroup',
    'AWS::EC2::VPC',
    'AWS::ECS::Service',
    'AWS::CloudFront::Distribution',
  ])('are on every %s', (type) => {
    const all = Object.values(template.findResources(type))
    expect(all).not.toEqual([])
    for (const { Properties } of all) expect(Properties.Tags).toEqual(expect.arrayContaining(TAGS))
  })

  it('are on the replica of every table, and on the stack itself', () => {
    for (const { Properties } of Object.values(template.findResources('AWS::DynamoDB::GlobalTable')))
      expect(Properties.Replicas[0].Tags).toEqual(expect.arrayContaining(TAGS))
    expect(stackOf({ stage: 'prod', tags: 'owner=desk' }).tags.tagValues()).toEqual({ owner: 'desk' })
  })

  it('are an object in cdk.json, or a text', () => {
    expect(read({ tags: { owner: 'desk', team: 'a=b' } }).tags).toEqual({ owner: 'desk', team: 'a=b' })
    expect(read({ tags: 'owner=desk, team=a=b' }).tags).toEqual({ owner: 'desk', team: 'a=b' })
    expect(read({}).tags).toEqual({})
  })

  it.each([
    ['owner', 'allowed are texts by name'],
    [{ owner: 12 }, 'allowed are texts by name'],
    [{ 'aws:owner': 'desk' }, 'the key "aws:owner" is not allowed'],
    [{ 'ow*er': 'desk' }, 'the key "ow*er" is not allowed'],
    [{ owner: 'd'.repeat(257) }, 'the value of owner is not allowed'],
    [Object.fromEntries(Array.from({ length: 41 }, (_each, n) => [`k${n}`, 'v'])), 'these are 41 tags'],
  ])('cannot be %j', (tags, why) => {
    expect(() => read({ tags })).toThrow(`bad configuration: tags is ${JSON.stringify(tags)}: ${why}`)
  })
})

describe('the permissions boundary', () => {
  const permissionsBoundary = 'arn:aws:iam::123456789012:policy/bank/boundary'

  it('is that of every role, those of the CDK too', () => {
    const roles = Object.values(
      templateOf({ stage: 'prod', ...EVERYTHING, permissionsBoundary }).findResources('AWS::IAM::Role'),
    )
    expect(roles.length).toBeGreaterThan(15)
    for (const { Properties } of roles) expect(Properties.PermissionsBoundary).toBe(permissionsBoundary)
  })

  it('is none by default, and no other than a policy', () => {
    for (const { Properties } of Object.values(templateOf({ stage: 'prod' }).findResources('AWS::IAM::Role')))
      expect(Properties.PermissionsBoundary).toBeUndefined()
    expect(() => read({ permissionsBoundary: 'boundary' })).toThrow(
      'permissionsBoundary is "boundary": allowed is the ARN of a policy',
    )
  })
})

describe('an existing network', () => {
  const venueSubnets = 'subnet-0123456789abcdef2'
  const template = templateOf({ stage: 'prod', ...OWN_NETWORK, ...VENUES_ON, venueSubnets })
  const subnets = OWN_NETWORK.subnets.split(',')

  it.each([
    'AWS::EC2::VPC',
    'AWS::EC2::Subnet',
    'AWS::EC2::VPCEndpoint',
    'AWS::EC2::FlowLog',
    'AWS::EC2::InternetGateway',
    'AWS::EC2::RouteTable',
  ])('is left alone: the stack makes no %s', (type) => {
    expect(template.findResources(type)).toEqual({})
  })

  it('has the functions that connect to the database, and the database', () => {
    const inside = Object.values(template.findResources('AWS::Lambda::Function')).filter(
      ({ Properties }) => Properties.VpcConfig !== undefined,
    )
    expect(inside.length).toBeGreaterThanOrEqual(3)
    for (const { Properties } of inside) expect(Properties.VpcConfig.SubnetIds).toEqual(subnets)
    expectProperties(template, 'AWS::RDS::DBSubnetGroup', { SubnetIds: subnets })
    for (const { Properties } of Object.values(template.findResources('AWS::EC2::SecurityGroup')))
      expect(Properties.VpcId).toBe(OWN_NETWORK.vpcId)
  })

  it('has the feed of venues in subnets of its own, without public addresses', () => {
    expectProperties(template, 'AWS::ECS::Service', {
      NetworkConfiguration: {
        AwsvpcConfiguration: { AssignPublicIp: 'DISABLED', Subnets: [venueSubnets] },
      },
    })
  })

  it('is left by HTTPS to where egress says, and to nowhere else', () => {
    const egress = 'pl-6ea54007,10.20.0.0/16'
    for (const context of [{}, OWN_NETWORK]) {
      const rules = Object.values(
        templateOf({ stage: 'prod', ...context, egress }).findResources('AWS::EC2::SecurityGroup', {
          Properties: { GroupDescription: 'Functions that connect to the database' },
        }),
      ).flatMap(({ Properties }) => Properties.SecurityGroupEgress ?? [])
      expect(rules).toEqual([
        { CidrIp: '10.20.0.0/16', Description: 'to AWS', FromPort: 443, IpProtocol: 'tcp', ToPort: 443 },
      ])
    }
    expectProperties(templateOf({ stage: 'prod', egress }), 'AWS::EC2::SecurityGroupEgress', {
      DestinationPrefixListId: 'pl-6ea54007',
      FromPort: 443,
      ToPort: 443,
    })
  })

  const { vpcId, subnets: ids } = OWN_NETWORK
  it.each([
    [{ vpcId: 'vpc-1', subnets: ids }, 'vpcId is "vpc-1": allowed is the id of a VPC'],
    [{ vpcId }, `vpcId is "${vpcId}": subnets is not set`],
    [{ subnets: ids }, `subnets is "${ids}": these are subnets of an existing network; set vpcId too`],
    [{ vpcId, subnets: subnets[0] }, 'RDS and Lambda want two or more'],
    [{ vpcId, subnets: [subnets[0], subnets[0]] }, `${subnets[0]} is there twice`],
    [{ vpcId, subnets: 'subnet-1,subnet-2' }, 'allowed are ids of 2 subnets or more'],
    [
      { ...OWN_NETWORK, zones: 'eu-central-1a,eu-central-1b' },
      'in an existing network the subnets say the zones',
    ],
    [{ ...OWN_NETWORK, ...VENUES_ON }, 'in an existing network the feed of venues wants 1'],
    [{ ...OWN_NETWORK, venueSubnets }, 'venues is not set'],
    [{ egress: 's3' }, 'egress is "s3": allowed are ids of prefix lists and ranges of addresses'],
    [{ ...OWN_NETWORK, stage: 'local' }, 'it is for AWS, and stage local is not there'],
  ])('cannot be %j', (context, why) => {
    expect(() => read(context)).toThrow(why)
  })
})
