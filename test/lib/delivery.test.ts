import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { templateOf } from '../support/template.ts'

const template = templateOf({ stage: 'prod', syntheticFeed: 'on' })
const ofType = (type: string): unknown[] => Object.values(template.findResources(type))

type Resources = Readonly<Record<string, unknown>>

function resourcesOf(context: Readonly<Record<string, string>>): Resources {
  const schema = z.object({ Resources: z.record(z.string(), z.unknown()) })
  return schema.parse(templateOf(context).toJSON()).Resources
}

/** The resources that must be there before one; references in its UpdatePolicy count. */
function needs(id: string, resources: Resources): string[] {
  const text = JSON.stringify(resources[id])
  const names = [...text.matchAll(/"(?:Ref|Fn::GetAtt)":\[?"([^"]+)"/g)].map(([, name = '']) => name)
  const { DependsOn } = z.object({ DependsOn: z.array(z.string()).default([]) }).parse(resources[id])
  return [...names, ...DependsOn].filter((name) => name in resources)
}

/** The first circle of dependencies that is met from a resource on. */
function circleFrom(
  id: string,
  path: readonly string[],
  { resources, done }: { readonly resources: Resources; readonly done: Set<string> },
): readonly string[] {
  if (path.includes(id)) return [...path.slice(path.indexOf(id)), id]
  if (done.has(id)) return []
  const circle = needs(id, resources)
    .map((next) => circleFrom(next, [...path, id], { resources, done }))
    .find((found) => found.length > 0)
  done.add(id)
  return circle ?? []
}

/** What must be there before a resource of that name, however far back. */
function allNeeds(name: RegExp, resources: Resources): ReadonlySet<string> {
  const found = new Set<string>()
  const waiting = Object.keys(resources).filter((id) => name.test(id))
  expect(waiting).not.toEqual([])
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop())
    for (const need of needs(id, resources)) {
      if (found.has(need)) continue
      found.add(need)
      waiting.push(need)
    }
  return found
}

describe('the migrations', () => {
  const resources = resourcesOf({ stage: 'prod', databaseProxy: 'on' })
  const MIGRATED = expect.stringMatching(/^MigratorMigrated/)

  it('come after the database, its secrets and the way to both, and before whoever uses the roles', () => {
    const before = [...allNeeds(/^MigratorMigrated/, resources)]
    for (const name of [
      /^DatabaseInstance/,
      /^DatabaseAccessfrom.*Clients/,
      /^DatabaseWriteAttachment/,
      /^DatabaseReadAttachment/,
      /^DatabaseOwnerAttachment/,
      /^DatabaseNetworkVpcSecretsManager/,
    ])
      expect(before).toContainEqual(expect.stringMatching(name))
    for (const user of [/^BarWriterFunction[0-9A-F]{8}$/, /^ApiFunction[0-9A-F]{8}$/])
      expect([...allNeeds(user, resources)]).toContainEqual(MIGRATED)
  })

  it('do not wait for the proxy, which cannot be healthy without the roles, and it waits for them', () => {
    expect(
      [...allNeeds(/^MigratorMigrated/, resources)].filter((id) =>
        /^DatabaseProxy[0-9A-F]{8}|TargetGroup/.test(id),
      ),
    ).toEqual([])
    expect([...allNeeds(/TargetGroup/, resources)]).toContainEqual(MIGRATED)
  })

  it('run when anything changes that they depend on, and fail the deployment when the function cannot answer', () => {
    const migrated = (context: Readonly<Record<string, string>>) =>
      Object.values(templateOf(context).findResources('Custom::Migrated'))
    const [resource] = migrated({ stage: 'prod' })
    expect(resource).toMatchObject({
      Properties: {
        ServiceTimeout: '960',
        migrations: expect.any(String),
        code: expect.stringMatching(/^[0-9a-f]{64}\.zip$/),
        host: { 'Fn::GetAtt': [expect.stringMatching(/^DatabaseInstance/), 'Endpoint.Address'] },
        database: 'tickstock',
      },
    })
    for (const key of ['barRetentionDays', 'partitionDaysAhead'])
      expect(migrated({ stage: 'prod', [key]: '30' })).not.toEqual([resource])
  })
})

describe('a deployment', () => {
  it.each<Readonly<Record<string, string>>>([
    { stage: 'dev' },
    { stage: 'prod' },
    { stage: 'prod', databaseProxy: 'on', syntheticFeed: 'on', tradingHours: '14:30-21:00' },
  ])('of %j has no circle in its resources, and stays far from the 500 that a stack may have', (context) => {
    const resources = resourcesOf(context)
    const done = new Set<string>()
    expect(Object.keys(resources).flatMap((id) => circleFrom(id, [], { resources, done }))).toEqual([])
    expect(done.size).toBe(Object.keys(resources).length)
    expect(done.size).toBeLessThan(350)
  })

  it('in prod moves each part but the migrator to new code by a canary, with its own alarms', () => {
    const groups = z
      .array(
        z.object({
          Properties: z.object({
            DeploymentGroupName: z.string(),
            DeploymentConfigName: z.unknown(),
            AlarmConfiguration: z.object({
              Alarms: z.array(z.object({ Name: z.object({ Ref: z.string() }) })).min(2),
              Enabled: z.literal(true),
            }),
            AutoRollbackConfiguration: z.object({
              Enabled: z.literal(true),
              Events: z.array(z.string()),
            }),
          }),
        }),
      )
      .parse(ofType('AWS::CodeDeploy::DeploymentGroup'))
    const parts = groups.map(({ Properties }) => Properties.DeploymentGroupName)
    const functions = z
      .array(z.object({ Properties: z.object({ FunctionName: z.string() }) }))
      .parse(ofType('AWS::Lambda::Function'))
      .map(({ Properties }) => Properties.FunctionName.replace('tickstock-prod-', ''))
    expect(new Set([...parts, 'migrator'])).toEqual(new Set(functions))
    const [half] = Object.keys(template.findResources('AWS::CodeDeploy::DeploymentConfig'))
    for (const { Properties } of groups) {
      expect(Properties.AutoRollbackConfiguration.Events).toContain('DEPLOYMENT_STOP_ON_ALARM')
      const isSeldom = ['sweeper', 'jobs', 'synthetic-feed'].includes(Properties.DeploymentGroupName)
      expect(Properties.DeploymentConfigName).toEqual(
        isSeldom ? { Ref: half } : 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
      )
    }
    expect(ofType('AWS::CodeDeploy::DeploymentConfig')).toMatchObject([
      {
        Properties: {
          TrafficRoutingConfig: { TimeBasedCanary: { CanaryInterval: 5, CanaryPercentage: 50 } },
        },
      },
    ])
  })

  it('in prod takes new code back at its first fault, which an alarm on its very version tells', () => {
    const versions = template.findResources('AWS::Lambda::Version')
    const groups = Object.values(template.findResources('AWS::CodeDeploy::DeploymentGroup'))
    const alarms = template.findResources('AWS::CloudWatch::Alarm')
    for (const { Properties: group } of groups) {
      const part: string = group.DeploymentGroupName
      const found = Object.entries(alarms).find(
        ([, { Properties }]) => Properties.AlarmName === `tickstock-prod-${part}-new-code`,
      )
      if (found === undefined) throw new Error(`${part} has no such alarm`)
      const [id, { Properties }] = found
      expect(JSON.stringify(group.AlarmConfiguration.Alarms)).toContain(`{"Ref":"${id}"}`)
      expect(Properties).toMatchObject({ Threshold: 0, EvaluationPeriods: 1, DatapointsToAlarm: 1 })
      const text = JSON.stringify(Properties)
      const [, version = ''] =
        /"Name":"ExecutedVersion","Value":\{"Fn::GetAtt":\["(\w+)","Version"\]\}/.exec(text) ?? []
      expect(Object.keys(versions)).toContain(version)
      expect(text).toContain('"Name":"Resource"')
      const moved = Object.values(template.findResources('AWS::Lambda::Alias')).find((each) =>
        JSON.stringify(each['Properties'].FunctionVersion).includes(`"${version}"`),
      )
      expect(moved?.['DependsOn']).toContain(id)
      const counts = ['aggregator', 'analytics', 'archiver', 'bar-writer', 'broadcaster'].includes(part)
      expect({ part, counts: text.includes('"MetricName":"ReadFaults"') }).toEqual({ part, counts })
    }
  })

  it('with canary=off leaves out the canary alone, and the next one brings it back: nothing is replaced', () => {
    const withCanary = resourcesOf({ stage: 'prod' })
    const without = resourcesOf({ stage: 'prod', canary: 'off' })
    const typeOf = (resource: unknown) => z.object({ Type: z.string() }).parse(resource).Type
    const left = Object.keys(withCanary).filter((id) => !(id in without))
    expect(new Set(left.map((id) => typeOf(withCanary[id])))).toEqual(
      new Set([
        'AWS::CodeDeploy::Application',
        'AWS::CodeDeploy::DeploymentConfig',
        'AWS::CodeDeploy::DeploymentGroup',
        'AWS::CloudWatch::Alarm',
        'AWS::IAM::Role',
      ]),
    )
    expect(left.filter((id) => !id.startsWith('Delivery'))).toEqual([])
    expect(Object.keys(without).filter((id) => !(id in withCanary))).toEqual([])
    // How an alias is moved, and what it waits for, is no property of it.
    const settled = ([id, resource]: readonly [string, unknown]) => {
      const { UpdatePolicy, DependsOn, ...rest } = z
        .looseObject({ UpdatePolicy: z.unknown().optional(), DependsOn: z.array(z.string()).optional() })
        .parse(resource)
      if (UpdatePolicy === undefined) return [id, resource]
      const waitsFor = DependsOn?.filter((each) => !each.startsWith('Delivery')) ?? []
      return [id, waitsFor.length === 0 ? rest : { ...rest, DependsOn: waitsFor }]
    }
    const aliases = Object.values(withCanary).filter((each) => typeOf(each) === 'AWS::Lambda::Alias')
    expect(JSON.stringify(aliases).match(/"CodeDeployLambdaAliasUpdate"/g)).toHaveLength(aliases.length - 1)
    expect(JSON.stringify(without)).not.toContain('CodeDeploy')
    const kept = Object.entries(withCanary).filter(([id]) => id in without)
    expect(Object.fromEntries(kept.map(settled))).toEqual(without)
  })

  it('calls the alias from every event source and every rule', () => {
    const callers = [...ofType('AWS::Lambda::EventSourceMapping'), ...ofType('AWS::Events::Rule')]
    for (const caller of callers) expect(JSON.stringify(caller)).toMatch(/"Ref":"[A-Za-z]+FunctionLive/)
    expect(callers.length).toBeGreaterThanOrEqual(4)
  })

  it('keeps the old versions, which are the way back', () => {
    const versions = ofType('AWS::Lambda::Version')
    expect(versions).toHaveLength(ofType('AWS::Lambda::Function').length)
    for (const version of versions)
      expect(version).toMatchObject({
        // One that a rollback leaves behind would be in the way of the same code.
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      })
  })

  it('in dev is there at once', () => {
    expect(templateOf({ stage: 'dev' }).findResources('AWS::CodeDeploy::DeploymentGroup')).toEqual({})
  })
})
