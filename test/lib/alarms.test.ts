import { describe, expect, it } from 'vitest'

import { alarmsOf } from '../support/alarms.ts'
import { templateOf } from '../support/template.ts'

const template = templateOf({ stage: 'prod', alarmEmail: 'sre@example.com', session: 'always' })
const alarms = alarmsOf(template)

/** Those for which no data is the very thing that they wait for. */
const WAIT_FOR_SILENCE = new Set(['no-ticks', 'sweeper-silent'])
/** Those that may ring for hours while all is as it must be. */
const LASTING = new Set(['no-ticks', 'dead-letters'])

describe('the alarms', { timeout: 60_000 }, () => {
  it('take silence for fine, but the two that wait for it', () => {
    for (const [name, { TreatMissingData }] of alarms)
      expect({ name, TreatMissingData }).toEqual({
        name,
        TreatMissingData: WAIT_FOR_SILENCE.has(name) ? 'breaching' : 'notBreaching',
      })
    expect(alarms.size).toBeGreaterThan(30)
  })

  it.each(['aggregator', 'analytics', 'bar-writer', 'broadcaster'])(
    'tell every way in which %s can fail',
    (part) => {
      for (const each of ['errors', 'throttles', 'late', 'idle', 'gave-up', 'lost'])
        expect([...alarms.keys()]).toContain(`${part}-${each}`)
    },
  )

  it('tell when a stream is full, and when the sweeper is not called', () => {
    expect(alarms.get('ticks-throttled')).toMatchObject({
      Namespace: 'AWS/Kinesis',
      MetricName: 'WriteProvisionedThroughputExceeded',
      Statistic: 'Sum',
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 0,
    })
    expect(alarms.get('sweeper-silent')).toMatchObject({
      MetricName: 'Invocations',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      EvaluationPeriods: 5,
    })
  })

  it('tell when a mapping does nothing although records come, of each stream by itself', () => {
    const expressionOf = (name: string) => alarms.get(name)?.Metrics.find(({ Expression }) => Expression)
    const idle = (index: number) =>
      `IF(incoming${index} > 0 AND SUM([invoked${index}, incoming${index} * 0]) < 1, 1, 0)`
    expect(expressionOf('analytics-idle')?.Expression).toBe(idle(0))
    expect(expressionOf('bar-writer-idle')?.Expression).toBe(`SUM([${idle(0)}, ${idle(1)}])`)
    const metrics = JSON.stringify(alarms.get('bar-writer-idle')?.Metrics)
    expect(metrics.match(/"MetricName":"IncomingRecords"/g)).toHaveLength(2)
    expect(metrics.match(/"MetricName":"InvokedEventCount"/g)).toHaveLength(2)
  })

  it('ring for a day after records were given up on or refused', () => {
    const alarm = alarms.get('dead-letters')
    expect(alarm).toMatchObject({ EvaluationPeriods: 24, DatapointsToAlarm: 1, Threshold: 0 })
    const metrics = JSON.stringify(alarm?.Metrics)
    expect(metrics.match(/"MetricName":"DroppedEventCount"/g)).toHaveLength(6)
    expect(metrics.match(/"MetricName":"BarsRefused"/g)).toHaveLength(1)
    expect(metrics.match(/"Period":3600/g)).toHaveLength(7)
  })

  it('mail together, but for those that may ring for hours and would hide the next: they mail themselves', () => {
    const [unhealthy] = Object.values(template.findResources('AWS::CloudWatch::CompositeAlarm'))
    const rule = JSON.stringify(unhealthy)
    for (const [name, { id, AlarmActions }] of alarms) {
      const isLasting = LASTING.has(name)
      expect({ name, together: rule.includes(`"${id}"`) }).toEqual({ name, together: !isLasting })
      expect({ name, actions: AlarmActions?.length ?? 0 }).toEqual({ name, actions: isLasting ? 1 : 0 })
    }
  })

  it('wait for ticks while the session is open, which the sweeper knows in its time zone', () => {
    expect(JSON.stringify(alarms.get('no-ticks')?.Metrics)).toContain(
      'IF(open > 0, SUM([ticks, open * 0]), 1)',
    )
    const session = 'America/New_York 09:30-16:00'
    const within = templateOf({ stage: 'prod', session })
    expect(JSON.stringify(within.findResources('AWS::Lambda::Function'))).toContain(`"SESSION":"${session}"`)
    expect([...alarmsOf(templateOf({ stage: 'prod', session: 'off' })).keys()]).not.toContain('no-ticks')
  })
})
