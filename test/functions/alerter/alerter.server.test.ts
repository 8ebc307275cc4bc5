import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

import { startTestDynamodb, type TestDynamodb } from '../../support/test-dynamodb.ts'
import {
  type AlertsWorld,
  bar,
  eventOf,
  indicators,
  minuteOf,
  newAlertsWorld,
  receiverOf,
  said,
  T,
} from './alerts-world.ts'

let dynamodb: TestDynamodb
const BY = 'ann'

beforeAll(async () => {
  dynamodb = await startTestDynamodb()
})

afterAll(async () => {
  await dynamodb.remove()
})

/** A world with a rule, and a receiver that knows its secret. */
async function withRule(rule: Readonly<Record<string, unknown>>, hours?: string) {
  const world = await newAlertsWorld(dynamodb, hours)
  const opening = await receiverOf(world, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 0)
  await opening.stop()
  const added = await world.alerts.add({ to: opening.url, ...rule }, BY)
  const listen = async () => {
    const receiver = await receiverOf(world, added.secret ?? '', Number(new URL(opening.url).port))
    onTestFinished(() => receiver.stop())
    return receiver
  }
  return { world, rule: added, listen }
}

const deliveries = async ({ ledger }: AlertsWorld) =>
  (await ledger.list({ limit: 100 })).entries.map(({ delivery, attempts, reason }) => ({
    delivery,
    attempts,
    reason,
  }))

describe('a rule', () => {
  it('for a price fires once for each bar and revision that meets it, whatever is redelivered', async () => {
    const { world, listen } = await withRule({ condition: 'close > 150.25', symbols: ['AAPL'] })
    const receiver = await listen()
    const records = [bar(0, '150.25'), bar(0, '151', 1, 'MSFT'), bar(1, '150.250000000000000001')]
    const correction = bar(1, '152', 2)
    for (const batch of [records, records, [correction], [...records, correction]]) {
      expect(await world.alerter.consume(eventOf(...batch))).toEqual({ batchItemFailures: [] })
      await world.alerter.deliver()
    }
    expect(receiver.received.map(said)).toEqual([
      `AAPL ${minuteOf(1)} 1 {"close":"150.250000000000000001"}`,
      `AAPL ${minuteOf(1)} 2 {"close":"152"}`,
    ])
    expect(receiver.received.map(({ verdict }) => verdict)).toEqual(['new', 'new'])
  })

  it('for a crossing fires where the value passes the line, by what it remembers between batches', async () => {
    const { world, listen } = await withRule({ condition: 'rsi_14 crosses above 70' })
    const receiver = await listen()
    for (const [minute, value] of [75, 60, 70, 71, 72, 69, 70.5].entries())
      await world.alerter.consume(eventOf(indicators(minute, { rsi_14: value, ema_5: 1 })))
    // The correction of a minute is judged by the one before it.
    await world.alerter.consume(eventOf(indicators(1, { rsi_14: 80 }, 2), indicators(5, { rsi_14: 90 }, 2)))
    await world.alerter.deliver()
    expect(receiver.received.map(said).toSorted()).toEqual([
      `AAPL ${minuteOf(3)} 1 {"rsi_14":71}`,
      `AAPL ${minuteOf(6)} 1 {"rsi_14":70.5}`,
    ])
  })

  it('for a pattern fires by name and direction', async () => {
    const { world, listen } = await withRule({ condition: 'pattern hammer bullish' })
    const receiver = await listen()
    const found = (pattern_type: string, direction: string) => ({
      pattern_type,
      direction,
      strength: 100,
      confidence: 1,
      pattern_data: {},
    })
    const { values: _values, ...rest } = indicators(0, {})
    const patterns = [found('doji', 'neutral'), found('hammer', 'bullish')]
    await world.alerter.consume(eventOf({ ...rest, type: 'patterns', patterns, withdrawn: [] }))
    await world.alerter.deliver()
    expect(receiver.received.map(said)).toEqual([
      `AAPL ${minuteOf(0)} 1 {"pattern":"hammer","direction":"bullish","strength":100,"confidence":1}`,
    ])
  })

  it('for silence fires once, and again after the next silence', async () => {
    const { world, listen } = await withRule({ condition: 'silent 5 minutes', symbols: ['AAPL'] })
    const receiver = await listen()
    const at = async (minute: number) => {
      world.now = (T + minute * 60) * 1000
      await world.alerter.minute()
    }
    world.now = (T + 180) * 1000
    await world.alerter.consume(eventOf(bar(2, '1')))
    for (const minute of [8, 9, 10, 11]) await at(minute)
    await world.alerter.consume(eventOf(bar(11, '1')))
    for (const minute of [12, 17, 18, 19, 30]) await at(minute)
    expect(receiver.received.map(said)).toEqual([
      `AAPL ${minuteOf(2)} 0 {"last_bar":"${minuteOf(2)}"}`,
      `AAPL ${minuteOf(11)} 0 {"last_bar":"${minuteOf(11)}"}`,
    ])
  })

  it('for silence fires once too often where a restored table has forgotten the last bars', async () => {
    const { world, listen } = await withRule({ condition: 'silent 5 minutes', symbols: ['AAPL'] })
    const receiver = await listen()
    const { client } = dynamodb
    const at = async (minute: number): Promise<void> => {
      world.now = (T + minute * 60) * 1000
      await world.alerter.minute()
    }
    await world.alerter.consume(eventOf(bar(2, '1')))
    const { Items: backup = [] } = await client.send(new ScanCommand({ TableName: world.table }))
    await world.alerter.consume(eventOf(bar(8, '1')))
    await at(10)
    expect(receiver.received).toEqual([])
    for (const Item of backup) await client.send(new PutItemCommand({ TableName: world.table, Item }))
    await at(10)
    await world.alerter.consume(eventOf(bar(9, '1')))
    for (const minute of [11, 12]) await at(minute)
    expect(receiver.received.map(said)).toEqual([`AAPL ${minuteOf(2)} 0 {"last_bar":"${minuteOf(2)}"}`])
  })

  it('for silence waits until trades have been expected for all of the time', async () => {
    const { world, listen } = await withRule(
      { condition: 'silent 5 minutes', symbols: ['AAPL'] },
      'UTC 18:00-19:00',
    )
    const receiver = await listen()
    for (const [time, count] of [
      ['17:59', 0],
      ['18:05', 0],
      ['18:07', 1],
    ] as const) {
      world.now = Date.parse(`2025-11-10T${time}:00Z`)
      await world.alerter.minute()
      expect([time, receiver.received.length]).toEqual([time, count])
    }
  })

  it('does not fire for bars that are too old, withdrawn, or of before its end', async () => {
    const { world, rule } = await withRule({ condition: 'close > 1', max_age_minutes: 5 })
    await world.alerter.consume(eventOf(bar(-10, '2'), { ...bar(0, '2'), withdrawn: true }))
    await world.alerts.remove(rule.id)
    world.now += 6000
    await world.alerter.consume(eventOf(bar(1, '2')))
    expect(await deliveries(world)).toEqual([])
  })
})

/** Whether work dies, of which nobody learns what its call so many of the table did, and no later one does anything. */
async function dyingAt(step: number, work: () => Promise<void>): Promise<boolean> {
  const { middlewareStack } = dynamodb.client
  let calls = 0
  middlewareStack.add(
    (next) => async (args) => {
      calls++
      if (calls > step) throw new Error('killed')
      const answer = await next(args)
      if (calls === step) throw new Error('killed')
      return answer
    },
    { step: 'initialize', name: 'dying' },
  )
  try {
    await work()
    return false
  } catch (error) {
    if (error instanceof Error && error.message === 'killed') return true
    throw error
  } finally {
    middlewareStack.remove('dying')
  }
}

describe('an alerter that dies', () => {
  it('at any call of the table loses nothing, and doubles nothing that a receiver cannot tell', async () => {
    for (let step = 1; ; step++) {
      const { world, listen } = await withRule({ condition: 'close crosses above 10' })
      const receiver = await listen()
      await world.alerter.consume(eventOf(bar(0, '9')))
      const died = await dyingAt(step, async () => {
        const another = world.another()
        const { batchItemFailures } = await another.consume(eventOf(bar(1, '11')))
        if (batchItemFailures.length > 0) throw new Error('killed')
        await another.deliver()
      })
      // The batch comes again, and after the lease what was begun.
      await world.alerter.consume(eventOf(bar(1, '11')))
      world.now += 61_000
      await world.alerter.minute()
      await world.alerter.minute()
      expect(receiver.received.filter(({ verdict }) => verdict === 'new').map(said)).toEqual([
        `AAPL ${minuteOf(1)} 1 {"close":"11"}`,
      ])
      expect(receiver.received.every(({ verdict }) => verdict !== 'bad')).toBe(true)
      expect(await deliveries(world)).toMatchObject([{ delivery: 'delivered' }])
      await receiver.stop()
      if (!died) return expect(step).toBeGreaterThan(7)
    }
  })
})

describe('a delivery', () => {
  it('is taken by one of two that deliver at the same time', async () => {
    const { world, listen } = await withRule({ condition: 'close > 1' })
    const receiver = await listen()
    await world.alerter.consume(eventOf(bar(0, '2'), bar(1, '2')))
    const others = [1, 2, 3].map(() => world.another().deliver())
    await Promise.all(others)
    expect(receiver.received.map(({ verdict }) => verdict)).toEqual(['new', 'new'])
  })

  it('is tried again after longer and longer, ten times, and by hand again', async () => {
    const { world, listen } = await withRule({ condition: 'close > 1' })
    await world.alerter.consume(eventOf(bar(0, '2')))
    const begun = world.now
    for (let minute = 0; minute <= 511; minute++) {
      world.now = begun + minute * 60_000
      await world.alerter.deliver()
    }
    const [failed] = await deliveries(world)
    expect(failed).toMatchObject({ delivery: 'failed', attempts: 10 })
    expect(failed?.reason).toMatch(/127\.0\.0\.1: connect ECONNREFUSED .* \(10 attempts\)/)
    const receiver = await listen()
    const [{ id } = { id: '' }] = (await world.alerts.firings({ limit: 1 })).firings
    await world.alerts.retry(id)
    await world.alerter.deliver()
    expect(receiver.received).toHaveLength(1)
    await expect(world.alerts.retry(id)).rejects.toThrow(/has not failed: it is delivered/)
  }, 30_000)

  it('of a rule that was removed is given up', async () => {
    const { world, rule } = await withRule({ condition: 'close > 1' })
    await world.alerter.consume(eventOf(bar(0, '2')))
    await world.alerts.remove(rule.id)
    await world.alerter.deliver()
    expect(await deliveries(world)).toEqual([
      { delivery: 'failed', attempts: 1, reason: 'its rule was removed' },
    ])
  })
})

describe('operators', () => {
  it('list rules without their secrets, and test one', async () => {
    const { world, rule, listen } = await withRule({ condition: 'rsi_14 > 70', name: 'hot' })
    const { secret, ...view } = rule
    expect(await world.alerts.list()).toEqual({ rules: [view] })
    expect(JSON.stringify(await world.alerts.show(rule.id))).not.toContain(secret)
    expect(await world.alerts.test(rule.id)).toMatchObject({
      delivered: false,
      detail: expect.stringMatching(/ECONNREFUSED/),
    })
    const receiver = await listen()
    expect(await world.alerts.test(rule.id)).toEqual({
      delivered: true,
      detail: 'the receiver answered 204',
    })
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ type: 'alert.test' })
    expect(await deliveries(world)).toEqual([])
  })

  it('get no hundred and first rule', async () => {
    const world = await newAlertsWorld(dynamodb)
    const body = { condition: 'close > 1', to: 'https://example.com/' }
    for (let count = 0; count < 100; count++) await world.alerts.add(body, BY)
    await expect(world.alerts.add(body, BY)).rejects.toThrow(/there are 100 rules, the most/)
  })
})
