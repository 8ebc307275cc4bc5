import { SNSClient } from '@aws-sdk/client-sns'
import { type SnsServer, startSnsServer } from 'embedded-aws/services'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { createPublish, type Publish } from '../../../functions/alerter/publish.ts'
import { createSend } from '../../../functions/alerter/send.ts'
import { startTestDynamodb, type TestDynamodb } from '../../support/test-dynamodb.ts'
import { bar, eventOf, minuteOf, newAlertsWorld } from './alerts-world.ts'

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:tickstock-local-alerts'
const messageSchema = z.object({ default: z.string(), email: z.string() })
const bodySchema = z.looseObject({
  type: z.string(),
  data: z.looseObject({ id: z.string(), minute: z.string().optional() }),
})

let dynamodb: TestDynamodb
let server: SnsServer
let publish: Publish
let seen: number
let isAway = false

beforeAll(async () => {
  dynamodb = await startTestDynamodb()
  server = await startSnsServer({ throttle: () => isAway })
  const client = new SNSClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  server.topics.ensure(TOPIC)
  publish = createPublish(client, TOPIC)
})
afterAll(async () => {
  await server.close()
  await dynamodb.remove()
})
beforeEach(() => {
  seen = server.topics.published(TOPIC).length
})

const published = () =>
  server.topics
    .published(TOPIC)
    .slice(seen)
    .map(({ message, ...rest }) => {
      const { default: text, email } = messageSchema.parse(JSON.parse(message))
      return { ...rest, body: bodySchema.parse(JSON.parse(text)), email }
    })

async function withTopicRule(name?: string) {
  const world = await newAlertsWorld(dynamodb, 'always', publish)
  const condition = 'close > 150.25'
  const rule = await world.alerts.add({ condition, to: 'topic', ...(name && { name }) }, 'ann')
  return { world, rule }
}

describe('a rule for the topic', () => {
  it('is published once for each bar and revision, with what subscribers filter by and know it again by', async () => {
    const { world, rule } = await withTopicRule('breakout')
    expect(rule).toMatchObject({ to: 'topic', secret: null })
    const records = [bar(0, '151'), bar(1, '150'), bar(0, '152', 2)]
    for (const batch of [records, records]) {
      await world.alerter.consume(eventOf(...batch))
      await world.alerter.deliver()
    }
    const messages = published()
    const told = messages.map(({ body }) => `${body.data.minute} ${String(body.data['revision'])}`)
    expect(told.toSorted(), 'in any order').toEqual([`${minuteOf(0)} 1`, `${minuteOf(0)} 2`])
    for (const { attributes, subject, body, email } of messages) {
      expect(Object.fromEntries(attributes)).toEqual({
        id: body.data.id,
        type: 'alert.fired',
        rule: rule.id,
        symbol: 'AAPL',
      })
      expect(subject).toBe('AAPL: breakout')
      expect(JSON.parse(email)).toEqual(body)
    }
  })

  it('is tried again with the same id while the topic takes nothing', async () => {
    const { world } = await withTopicRule()
    await world.alerter.consume(eventOf(bar(0, '151')))
    isAway = true
    try {
      await world.alerter.deliver()
    } finally {
      isAway = false
    }
    const [firing] = (await world.alerts.firings({ limit: 1 })).firings
    expect(firing).toMatchObject({
      delivery: 'waiting',
      attempts: 1,
      last_error: expect.stringMatching(/^the topic: Throttling: Rate exceeded$/),
    })
    expect(published()).toEqual([])
    world.now += 61_000
    await world.alerter.deliver()
    expect(published().map(({ body }) => body.data.id)).toEqual([firing?.id])
  })

  it('is tested by a message of its own type, without a symbol', async () => {
    const { world, rule } = await withTopicRule()
    expect(await world.alerts.test(rule.id)).toMatchObject({
      delivered: true,
      detail: expect.stringMatching(/^the topic took it as [\da-f-]{36}$/),
    })
    const [message] = published()
    expect(message?.body.type).toBe('alert.test')
    expect(Object.fromEntries(message?.attributes ?? [])).toEqual({
      id: message?.body.data.id,
      type: 'alert.test',
      rule: rule.id,
    })
  })

  it('is refused by a deployment without a topic, and waits where the topic has gone', async () => {
    const send = createSend({ post: async () => ({ type: 'delivered', detail: '' }), publish: undefined })
    const rule = { id: 'r', name: 'x' }
    const message = { id: 'x', type: 'alert.fired', body: '{}', rule, symbol: 'AAPL' } as const
    expect(await send({ to: 'topic', secret: null }, message)).toEqual({
      type: 'failed',
      reason: 'the deployment has no topic any more: set alertTopic to on',
    })
    const world = await newAlertsWorld(dynamodb)
    await expect(world.alerts.add({ condition: 'close > 1', to: 'topic' }, 'ann')).rejects.toThrow(
      'this deployment has no topic; set alertTopic to on',
    )
  })

  it('has a subject that SNS takes, whatever its name', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 150 }),
        fc.constantFrom('AAPL', 'BRK.B', 'BTC/USD'),
        async (name, symbol) => {
          const body = '{"type":"alert.fired","data":{"id":"x"}}'
          const rule = { id: 'r', name }
          const attempt = await publish({ id: 'x', type: 'alert.fired', body, rule, symbol })
          expect(attempt.type).toBe('delivered')
        },
      ),
      { numRuns: 100 },
    )
  })
})
