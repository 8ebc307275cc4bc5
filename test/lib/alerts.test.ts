import { describe, expect, it } from 'vitest'

import { expectProperties } from '../support/expect-template.ts'
import { ALERTS_ON } from '../support/stage-settings.ts'
import { templateOf } from '../support/template.ts'

const template = templateOf({ stage: 'prod', ...ALERTS_ON })
const [topic = '', ...others] = Object.keys(template.findResources('AWS::SNS::Topic'))

describe('with alertTopic', () => {
  it('the stack has one standard topic, which its output names', () => {
    expect(others).toEqual([])
    expectProperties(template, 'AWS::SNS::Topic', { TopicName: 'tickstock-prod-alerts' })
    template.hasOutput('AlertTopic', { Value: { Ref: topic } })
  })

  it('the topic is published to over TLS only', () => {
    expectProperties(template, 'AWS::SNS::TopicPolicy', {
      Topics: [{ Ref: topic }],
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Deny',
            Action: 'sns:Publish',
            Principal: '*',
            Resource: { Ref: topic },
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    })
  })

  it('the alerter alone may publish to it, and to nothing else', () => {
    const policies = Object.entries(template.findResources('AWS::IAM::Policy')).flatMap(
      ([id, { Properties }]) =>
        [Properties.PolicyDocument.Statement]
          .flat()
          .filter((statement) => JSON.stringify(statement.Action).includes('"sns:'))
          .map((statement) => [id.replace(/[0-9A-F]{8}$/, ''), statement]),
    )
    expect(policies).toEqual([
      [
        expect.stringMatching(/^AlerterFunctionServiceRole/),
        { Effect: 'Allow', Action: 'sns:Publish', Resource: { Ref: topic } },
      ],
    ])
    expectProperties(template, 'AWS::Lambda::Function', {
      FunctionName: 'tickstock-prod-alerter',
      Environment: { Variables: { ALERT_TOPIC: { Ref: topic } } },
    })
  })

  it('each address of alertEmails is subscribed to it', () => {
    const subscriptions = Object.values(template.findResources('AWS::SNS::Subscription'))
    expect(subscriptions.map(({ Properties }) => Properties)).toEqual(
      ALERTS_ON.alertEmails
        .split(',')
        .map((Endpoint) => ({ Protocol: 'email', TopicArn: { Ref: topic }, Endpoint })),
    )
  })
})

it('without alertTopic there is no topic, and the alerter may publish to none', () => {
  const without = templateOf({ stage: 'prod', alerts: 'on' })
  expect(without.findResources('AWS::SNS::Topic')).toEqual({})
  expect(JSON.stringify(without.findResources('AWS::IAM::Policy'))).not.toContain('sns:')
  expectProperties(without, 'AWS::Lambda::Function', {
    FunctionName: 'tickstock-prod-alerter',
    Environment: { Variables: { ALERT_TOPIC: '' } },
  })
})
