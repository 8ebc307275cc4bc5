import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { readConfig } from '../../lib/config/read-config.ts'
import { ConfigError } from '../../lib/config/config-error.ts'
import { alarmsOf, compositeAlarmsOf } from '../support/alarms.ts'
import { VENUES_ON } from '../support/stage-settings.ts'
import { templateOf } from '../support/template.ts'

const template = templateOf({ stage: 'prod', ...VENUES_ON })
const read = (context: Readonly<Record<string, unknown>>) =>
  readConfig((key) => ({ region: 'eu-central-1', ...context })[key])
const SECRET = VENUES_ON.venueKeysSecretArn

const statementsSchema = z.object({
  Properties: z.object({
    PolicyDocument: z.object({
      Statement: z.array(z.object({ Action: z.unknown(), Resource: z.unknown() })),
    }),
    Roles: z.array(z.object({ Ref: z.string() })),
  }),
})

/** What the policies of a role allow, each as JSON. */
function allowedTo(role: RegExp): readonly string[] {
  return Object.values(template.findResources('AWS::IAM::Policy'))
    .map((policy) => statementsSchema.parse(policy).Properties)
    .filter(({ Roles }) => Roles.some(({ Ref }) => role.test(Ref)))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement.map((statement) => JSON.stringify(statement)))
}

describe('the venue feed', () => {
  it('is not there without venues', () => {
    const without = templateOf({ stage: 'prod' })
    for (const type of ['AWS::ECS::Service', 'AWS::ECS::Cluster', 'AWS::EC2::InternetGateway'])
      expect(without.findResources(type)).toEqual({})
  })

  it('is a task of the smallest size on Arm, of public images, which gets its code and then runs it', () => {
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      Cpu: '256',
      Memory: '512',
      NetworkMode: 'awsvpc',
      RequiresCompatibilities: ['FARGATE'],
      RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
    })
    const text = JSON.stringify(template.findResources('AWS::ECS::TaskDefinition'))
    expect([...text.matchAll(/"Image":"([^"]+)"/g)].map(([, image]) => image)).toEqual([
      expect.stringMatching(/^public\.ecr\.aws\/aws-cli\/aws-cli:\d+\.\d+\.\d+$/),
      expect.stringMatching(/^public\.ecr\.aws\/docker\/library\/node:24\.\d+\.\d+-slim$/),
    ])
    expect(text).toContain('"Command":["node","--enable-source-maps","/code/index.mjs"]')
    expect(text).toContain('"Condition":"SUCCESS"')
  })

  it('has its keys from the secret, as variables, and no key in the template', () => {
    const text = JSON.stringify(template.findResources('AWS::ECS::TaskDefinition'))
    for (const key of ['APCA_API_KEY_ID', 'APCA_API_SECRET_KEY'])
      expect(text).toContain(`"Name":"${key}","ValueFrom":"${SECRET}:${key}::"`)
    expect(text).not.toContain('MASSIVE_API_KEY')
  })

  it('may put on ticks, read and write its places, and read its code, and nothing else', () => {
    const allowed = allowedTo(/^VenueFeedTaskTaskRole/)
    expect(allowed).toHaveLength(3)
    expect(allowed[0]).toMatch(
      /^{"Action":"s3:GetObject","Resource":.*cdk-hnb659fds-assets-.*\/[0-9a-f]{64}\.mjs/,
    )
    expect(allowed[1]).toMatch(
      /^{"Action":"kinesis:PutRecords","Resource":{"Fn::GetAtt":\["StreamsTicks\w+","Arn"\]}}$/,
    )
    expect(allowed[2]).toMatch(
      /^{"Action":\["dynamodb:PutItem","dynamodb:Query"\],"Resource":.*VenueFeedPlaces/,
    )
    // ECS itself writes the log and reads the secret before the task runs.
    const before = allowedTo(/^VenueFeedTaskExecutionRole/)
    expect(before.filter((statement) => statement.includes('secretsmanager'))).toEqual([
      `{"Action":["secretsmanager:DescribeSecret","secretsmanager:GetSecretValue"],"Resource":"${SECRET}"}`,
    ])
    expect(before.filter((statement) => !/secretsmanager|"logs:/.test(statement))).toEqual([])
  })

  it('takes no connection, and has an address instead of a NAT gateway', () => {
    expect(template.findResources('AWS::EC2::NatGateway')).toEqual({})
    const groups = template.findResources('AWS::EC2::SecurityGroup', {
      Properties: { GroupDescription: 'The venue feed: it takes no connection' },
    })
    expect(Object.keys(groups)).toHaveLength(1)
    expect(JSON.stringify(groups)).not.toContain('SecurityGroupIngress')
  })

  it('runs twice in two zones where it is told to, and is deployed one after the other', () => {
    const twice = templateOf({ stage: 'prod', venues: 'kraken coinbase=BTC-USD', venueCopies: '2' })
    const services = Object.values(twice.findResources('AWS::ECS::Service'))
    const subnets = services.map(
      ({ Properties }) => Properties.NetworkConfiguration.AwsvpcConfiguration.Subnets,
    )
    expect(subnets).toHaveLength(2)
    expect(subnets[0]).not.toEqual(subnets[1])
    for (const { Properties } of services)
      expect(Properties).toMatchObject({
        DesiredCount: 1,
        LaunchType: 'FARGATE',
        DeploymentConfiguration: { MinimumHealthyPercent: 0, MaximumPercent: 100 },
      })
    expect(JSON.stringify(services[1]?.['DependsOn'])).toContain('ServiceA')
    expect(Object.keys(template.findResources('AWS::ECS::Service'))).toHaveLength(1)
  })

  it('rings when it is down, a symbol is silent, it reconnects, trades are missing, or it lags', () => {
    const alarms = alarmsOf(template)
    const own = [...alarms.keys()].filter((name) => name.startsWith('venue-feed-'))
    expect(own.toSorted()).toEqual(
      ['down', 'lag', 'missing', 'reconnects', 'silent'].map((each) => `venue-feed-${each}`),
    )
    expect(alarms.get('venue-feed-down')).toMatchObject({ TreatMissingData: 'breaching', Threshold: 1 })
    const composites = compositeAlarmsOf(template)
    expect(composites.get('venue-feed-unhealthy')?.rings).toHaveLength(5)
  })

  it.each([
    [{ stage: 'local', venues: 'kraken' }, /venues is "kraken": stage local has no service/],
    [{ stage: 'prod', venues: 'nyse' }, /venues is "nyse": there is no venue nyse; the venues are kraken/],
    [{ stage: 'prod', venues: 'kraken kraken=BTC/USD' }, /kraken is given twice/],
    [{ stage: 'prod', venues: 'kraken=' }, /has a symbol without a name/],
    [{ stage: 'prod', venueCopies: 2 }, /venueCopies is set, and venues is not/],
    [{ stage: 'prod', venueSides: 'on' }, /venueSides is set, and venues is not/],
    [{ stage: 'prod', venueKeysSecretArn: SECRET }, /venueKeysSecretArn is set, and venues is not/],
    [{ stage: 'prod', venues: 'alpaca-iex' }, /venueKeysSecretArn is not set: alpaca-iex wants keys/],
    [
      { stage: 'prod', venues: 'massive-stocks', venueKeysSecretArn: 'keys' },
      /venueKeysSecretArn is "keys": .*whole ARN/,
    ],
    [
      { stage: 'prod', venues: 'kraken alpaca-sip', venueKeysSecretArn: SECRET, venueCopies: 2 },
      /venueCopies is 2: alpaca-sip allows an account one connection/,
    ],
  ])('%j is refused', (context, says) => {
    expect(() => read(context)).toThrow(ConfigError)
    expect(() => read(context)).toThrow(says)
  })

  it('takes a list of cdk.json as well as a text', () => {
    expect(read({ stage: 'dev', venues: ['kraken=BTC/USD,ETH/USD', 'coinbase'] }).venues).toBe(
      'kraken=BTC/USD,ETH/USD coinbase',
    )
  })
})
