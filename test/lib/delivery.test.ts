import { describe, expect, it } from 'vitest'
import { z } from 'zod'

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

describe('a deployment', { timeout: 60_000 }, () => {
  it.each<Readonly<Record<string, string>>>([
    { stage: 'dev' },
    { stage: 'prod' },
    { stage: 'prod', databaseProxy: 'on', syntheticFeed: 'on', session: '14:30-21:00' },
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
            DeploymentConfigName: z.literal('CodeDeployDefault.LambdaCanary10Percent5Minutes'),
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
    for (const { Properties } of groups)
      expect(Properties.AutoRollbackConfiguration.Events).toContain('DEPLOYMENT_STOP_ON_ALARM')
  })

  it('calls the alias from every event source and every rule', () => {
    const callers = [...ofType('AWS::Lambda::EventSourceMapping'), ...ofType('AWS::Events::Rule')]
    for (const caller of callers) expect(JSON.stringify(caller)).toMatch(/"Ref":"[A-Za-z]+FunctionLive/)
    expect(callers.length).toBeGreaterThanOrEqual(4)
  })

  it('keeps the old versions, which are the way back', () => {
    const versions = ofType('AWS::Lambda::Version')
    expect(versions).toHaveLength(ofType('AWS::Lambda::Function').length)
    for (const version of versions) expect(version).toMatchObject({ DeletionPolicy: 'Retain' })
  })

  it('in dev is there at once', () => {
    expect(templateOf({ stage: 'dev' }).findResources('AWS::CodeDeploy::DeploymentGroup')).toEqual({})
  })
})
