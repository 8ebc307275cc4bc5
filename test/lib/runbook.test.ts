import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { templateOf } from '../support/template.ts'

const alarmSchema = z.object({
  Properties: z.object({
    AlarmName: z.string().optional(),
    AlarmDescription: z.string(),
  }),
})
const template = templateOf({ stage: 'prod', syntheticFeed: 'on' })
const alarms = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm']
  .flatMap((type) => Object.values(template.findResources(type)))
  .map((resource) => alarmSchema.parse(resource).Properties)
const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8')
const sections = [...runbook.matchAll(/^## (.+)$/gm)].map(([, title]) => title)
const names = alarms.map(({ AlarmName }) => AlarmName?.replace(/^tickstock-prod-/, ''))

describe('the runbook', { timeout: 60_000 }, () => {
  it.each(alarms)('$AlarmName links its section', ({ AlarmName, AlarmDescription }) => {
    const name = AlarmName?.replace(/^tickstock-prod-/, '')
    expect(AlarmDescription).toMatch(new RegExp(`docs/runbook\\.md#${name}$`))
    expect(sections).toContain(name)
  })

  it('has no section without an alarm, and none twice', () => {
    expect(new Set(sections)).toEqual(new Set(names))
    expect(sections).toHaveLength(names.length)
  })

  it('has one alarm for all, which sends the mails', () => {
    const withMail = templateOf({ stage: 'prod', alarmEmail: 'sre@example.com' })
    expect(Object.values(withMail.findResources('AWS::CloudWatch::CompositeAlarm'))).toEqual([
      expect.objectContaining({
        Properties: expect.objectContaining({
          AlarmActions: [expect.anything()],
          OKActions: [expect.anything()],
          AlarmRule: { 'Fn::Join': ['', expect.arrayContaining([expect.stringContaining('ALARM')])] },
        }),
      }),
    ])
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
