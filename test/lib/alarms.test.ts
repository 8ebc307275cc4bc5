import { describe, expect, it } from 'vitest'

import { alarmsOf, compositeAlarmsOf } from '../support/alarms.ts'
import { BACKUP_REGION } from '../support/stage-settings.ts'
import { databaseTemplateOf, templateOf } from '../support/template.ts'

const template = templateOf({
  stage: 'prod',
  alarmEmail: 'sre@example.com',
  tradingHours: 'always',
  ...BACKUP_REGION,
})
/** Without those that only a canary looks at: test/lib/delivery.test.ts. */
const alarms = new Map([...alarmsOf(template)].filter(([name]) => !name.endsWith('-new-code')))

/** Those for which no data is the very thing that they wait for. */
const WAIT_FOR_SILENCE = new Set(['no-ticks', 'sweeper-silent'])
const MAIL_BY_THEMSELVES = new Set([
  'no-ticks',
  'ticks-rejected',
  'backup-copies',
  'ticks-throttled',
  'bars-throttled',
  'signals-throttled',
  'minute-state-throttled',
  'indicator-state-throttled',
  'aggregator-lost',
  'archiver-lost',
  'analytics-lost',
  'bar-writer-lost',
  'broadcaster-lost',
])
const PARTS = [
  'aggregator',
  'sweeper',
  'archiver',
  'compactor',
  'rebuilder',
  'jobs',
  'analytics',
  'bar-writer',
  'broadcaster',
  'migrator',
  'api',
]
/** Whose name does not begin with its part's. */
const PART_OF = new Map([
  ['state-conflicts', 'aggregator'],
  ['bar-latency', 'bar-writer'],
  ['bars-refused', 'bar-writer'],
  ['posts-failed', 'broadcaster'],
  ['connections-throttled', 'broadcaster'],
])
const partOf = (name: string) =>
  PART_OF.get(name) ?? [...PARTS, 'database'].find((part) => name.startsWith(`${part}-`))

describe('the alarms', () => {
  it('take silence for fine, but the two that wait for it', () => {
    for (const [name, { TreatMissingData }] of alarms)
      expect({ name, TreatMissingData }).toEqual({
        name,
        TreatMissingData: WAIT_FOR_SILENCE.has(name) ? 'breaching' : 'notBreaching',
      })
    expect(alarms.size).toBeGreaterThan(30)
  })

  it.each(['aggregator', 'archiver', 'analytics', 'bar-writer', 'broadcaster'])(
    'tell every way in which %s can fail',
    (part) => {
      for (const each of ['errors', 'throttles', 'late', 'idle', 'gave-up', 'lost'])
        expect([...alarms.keys()]).toContain(`${part}-${each}`)
    },
  )

  it.each(['ticks', 'bars', 'signals'])('tell when the stream %s is full', (stream) => {
    expect(alarms.get(`${stream}-throttled`)).toMatchObject({
      Namespace: 'AWS/Kinesis',
      MetricName: 'WriteProvisionedThroughputExceeded',
      Dimensions: [
        { Name: 'StreamName', Value: { Ref: expect.stringMatching(new RegExp(`^Streams${stream}`, 'i')) } },
      ],
      Statistic: 'Sum',
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 0,
    })
  })

  it.each([
    ['minute-state', 1],
    ['indicator-state', 1],
    ['connections', 2],
  ])('tell when DynamoDB refuses reads or writes of %s', (name, tables) => {
    const alarm = alarms.get(`${name}-throttled`)
    const metrics = JSON.stringify(alarm?.Metrics)
    expect(alarm).toMatchObject({ ComparisonOperator: 'GreaterThanThreshold', Threshold: 0 })
    for (const each of ['ReadThrottleEvents', 'WriteThrottleEvents'])
      expect(metrics.split(`"MetricName":"${each}"`)).toHaveLength(tables + 1)
  })

  it.each([
    ['t4g.micro', 1, 80],
    ['t4g.small', 2, 160],
    ['m7g.large', 8, 200],
    ['r8g.2xlarge', 64, 200],
    ['x2g.16xlarge', 1024, 200],
  ])(
    'of a database %s know its %i GiB of memory and its connections',
    (databaseInstance, gib, connections) => {
      const ofInstance = databaseTemplateOf({ stage: 'prod', databaseInstance })
      const found = alarmsOf(ofInstance)
      expect(found.get('database-memory')).toMatchObject({
        MetricName: 'FreeableMemory',
        ComparisonOperator: 'LessThanThreshold',
        Threshold: (gib * 2 ** 30) / 20,
      })
      expect(found.get('database-connections')?.['Threshold']).toBe(connections * 0.8)
      ofInstance.hasResourceProperties('AWS::RDS::DBParameterGroup', {
        Parameters: { max_connections: String(connections) },
      })
      expect(found.has('database-credits')).toBe(databaseInstance.startsWith('t4g'))
    },
  )

  it('tell when a burstable database has had no credits for an hour', () => {
    expect(alarmsOf(templateOf({ stage: 'dev' })).get('database-credits')).toMatchObject({
      MetricName: 'CPUCreditBalance',
      Period: 300,
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      EvaluationPeriods: 12,
      DatapointsToAlarm: 12,
    })
  })

  it('tell when the sweeper is not called', () => {
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

  it('ring for a day after records of a part were given up on or refused, and no other part is in the way', () => {
    const metricsOf = (part: string, of: ReturnType<typeof alarmsOf> = alarms) => {
      const alarm = of.get(`${part}-dead-letters`)
      expect(alarm).toMatchObject({ EvaluationPeriods: 24, DatapointsToAlarm: 1, Threshold: 0 })
      const text = JSON.stringify(alarm)
      return [...text.matchAll(/"MetricName":"(DroppedEventCount|BarsRefused|ReadFaults)"/g)].map(
        ([, name]) => name,
      )
    }
    const dropped = 'DroppedEventCount'
    expect(metricsOf('aggregator')).toEqual([dropped, 'ReadFaults'])
    expect(metricsOf('bar-writer')).toEqual([dropped, dropped, 'BarsRefused'])
    expect(metricsOf('broadcaster')).toEqual([dropped, dropped])
    expect(metricsOf('analytics')).toEqual([dropped])
    expect(metricsOf('archiver')).toEqual([dropped])
    const withAlerts = alarmsOf(templateOf({ stage: 'prod', alerts: 'on' }))
    expect(metricsOf('alerter', withAlerts)).toEqual([dropped, dropped])
    expect(compositeAlarmsOf(template).get('dead-letters')?.rings).toHaveLength(5)
  })

  it('look at ten metrics at the most, as CloudWatch wants', () => {
    for (const [name, { Metrics }] of alarms) {
      const looked = Metrics.filter((each) => 'MetricStat' in each)
      expect({ name, isAllowed: looked.length <= 10 }).toEqual({ name, isAllowed: true })
    }
  })

  it('mail together with those of their part, so that a fault of another part mails too', () => {
    const composites = compositeAlarmsOf(template)
    expect([...composites.keys()].toSorted()).toEqual(
      [...PARTS, 'database']
        .map((part) => `${part}-unhealthy`)
        .concat('unhealthy', 'dead-letters')
        .toSorted(),
    )
    for (const [name, { AlarmActions, OKActions }] of composites) {
      const mails = name === 'unhealthy' ? 0 : 1
      expect({ name, actions: [AlarmActions?.length ?? 0, OKActions?.length ?? 0] }).toEqual({
        name,
        actions: [mails, mails],
      })
    }
    for (const [name, { id }] of alarms) {
      const over = [...composites].filter(([each, { rings }]) => each !== 'unhealthy' && rings.includes(id))
      const shared = name.endsWith('-dead-letters') ? 'dead-letters' : `${partOf(name)}-unhealthy`
      const expected = MAIL_BY_THEMSELVES.has(name) ? [] : [shared]
      expect({ name, over: over.map(([each]) => each) }).toEqual({ name, over: expected })
    }
  })

  it('mail by themselves where they may ring for hours or tell of a loss', () => {
    for (const [name, { AlarmActions }] of alarms)
      expect({ name, actions: AlarmActions?.length ?? 0 }).toEqual({
        name,
        actions: MAIL_BY_THEMSELVES.has(name) ? 1 : 0,
      })
  })

  it('are one, without mails, for whoever asks whether all is healthy', () => {
    const composites = compositeAlarmsOf(template)
    const byId = new Map([...composites.values()].map(({ id, rings }) => [id, rings]))
    const rings = new Set((composites.get('unhealthy')?.rings ?? []).flatMap((id) => byId.get(id) ?? [id]))
    const quiet = [...alarms].filter(([, { id }]) => !rings.has(id)).map(([name]) => name)
    expect(quiet.filter((name) => !name.endsWith('-dead-letters'))).toEqual(['no-ticks'])
  })

  it('wait for ticks while the session is open, which the sweeper knows in its time zone', () => {
    expect(JSON.stringify(alarms.get('no-ticks')?.Metrics)).toContain(
      'IF(open > 0, SUM([ticks, open * 0]), 1)',
    )
    const tradingHours = 'America/New_York 09:30-16:00'
    const within = templateOf({ stage: 'prod', tradingHours })
    expect(JSON.stringify(within.findResources('AWS::Lambda::Function'))).toContain(
      `"TRADING_HOURS":"${tradingHours}"`,
    )
    expect([...alarmsOf(templateOf({ stage: 'prod', tradingHours: 'off' })).keys()]).not.toContain('no-ticks')
  })
})
