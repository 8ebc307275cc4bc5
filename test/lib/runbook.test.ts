import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { BACKUP_REGION, BRIDGE_ON, VENUES_ON } from '../support/stage-settings.ts'
import { templateOf } from '../support/template.ts'

const alarmSchema = z.object({
  Properties: z.object({
    AlarmName: z.string().optional(),
    AlarmDescription: z.string(),
  }),
})
const template = templateOf({
  stage: 'prod',
  syntheticFeed: 'on',
  alerts: 'on',
  // It has credits, which other classes have not.
  databaseInstance: 't4g.large',
  access: 'people',
  oidcIssuer: 'https://login.example.com',
  oidcClientId: 'desk',
  ...VENUES_ON,
  ...BRIDGE_ON,
  ...BACKUP_REGION,
})
const alarms = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm']
  .flatMap((type) => Object.values(template.findResources(type)))
  .map((resource) => alarmSchema.parse(resource).Properties)
const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8')
const sections = [...runbook.matchAll(/^## (.+)$/gm)].map(([, title]) => title)
const names = alarms.map(({ AlarmName }) => AlarmName?.replace(/^tickstock-prod-/, ''))

/** Those over several alarms share one. */
const sectionOf = (name: string | undefined) =>
  /-(unhealthy|new-code|dead-letters)$/.exec(name ?? '')?.[1] ?? name

describe('the runbook', () => {
  it.each(alarms)('$AlarmName links its section', ({ AlarmName, AlarmDescription }) => {
    const name = AlarmName?.replace(/^tickstock-prod-/, '')
    const section = sectionOf(name)
    expect(AlarmDescription).toMatch(new RegExp(`docs/runbook\\.md#${section}$`))
    expect(sections).toContain(section)
  })

  it('has no section without an alarm, and none twice', () => {
    const wanted = new Set(names.map(sectionOf))
    expect(new Set(sections)).toEqual(wanted)
    expect(sections).toHaveLength(wanted.size)
  })

  it('is opened by a mail, which CloudWatch may send', () => {
    const withMail = templateOf({ stage: 'prod', alarmEmail: 'sre@example.com' })
    expect(Object.values(withMail.findResources('AWS::SNS::TopicPolicy'))).toEqual([
      expect.objectContaining({
        Properties: expect.objectContaining({
          PolicyDocument: expect.objectContaining({
            Statement: expect.arrayContaining([
              expect.objectContaining({
                Action: 'sns:Publish',
                Effect: 'Allow',
                Principal: { Service: 'cloudwatch.amazonaws.com' },
              }),
            ]),
          }),
        }),
      }),
    ])
    withMail.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'sre@example.com',
    })
  })

  it('has no alarm that the 503 of an unhealthy health rings', () => {
    const text = JSON.stringify(template.findResources('AWS::CloudWatch::Alarm'))
    expect(text).toContain('"ApiFailures"')
    expect(text).not.toContain('5XXError')
  })

  it('is not needed in stage local, which has no alarms', () => {
    expect(templateOf({ stage: 'local' }).findResources('AWS::CloudWatch::Alarm')).toEqual({})
  })
})
