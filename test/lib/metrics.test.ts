import { readdirSync } from 'node:fs'

import { Stack } from 'aws-cdk-lib'
import { MetricUnit } from '@aws-lambda-powertools/metrics'
import { afterEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'

import { METRICS } from '../../functions/shared/runtime/metric-names.ts'
import { createMetrics } from '../../functions/shared/runtime/telemetry.ts'
import { partMetric } from '../../lib/metrics.ts'
import { widgetsOf } from '../support/dashboard.ts'
import { VENUES_ON } from '../support/stage-settings.ts'
import { templateOf, temporaryApp } from '../support/template.ts'

const NAMESPACE = 'TickStock/prod'
const template = templateOf({
  stage: 'prod',
  tradingHours: '14:30-21:00',
  syntheticFeed: 'on',
  ...VENUES_ON,
})

/** As `service name`, each metric of ours that a piece of a template looks at. */
function watchedIn(piece: unknown): string[] {
  if (Array.isArray(piece)) {
    const [namespace, name, dimension, value] = piece as unknown[]
    // A metric of a graph; the alarms have theirs as objects.
    if (namespace === NAMESPACE) return [`${String(dimension)} ${String(value)} ${String(name)}`]
    return piece.flatMap(watchedIn)
  }
  if (typeof piece !== 'object' || piece === null) return []
  const metric = z
    .object({
      Namespace: z.literal(NAMESPACE),
      MetricName: z.string(),
      Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })),
    })
    .safeParse(piece)
  if (!metric.success) return Object.values(piece).flatMap(watchedIn)
  const { MetricName, Dimensions } = metric.data
  return [`${Dimensions.map(({ Name, Value }) => `${Name} ${Value}`).join(' ')} ${MetricName}`]
}

const counted = new Set(
  Object.entries(METRICS).flatMap(([part, names]) => names.map((name) => `service ${part} ${name}`)),
)

afterEach(() => vi.unstubAllEnvs())

describe('the metrics', () => {
  it('of every alarm are some that a part counts', () => {
    const watched = watchedIn(template.findResources('AWS::CloudWatch::Alarm'))
    expect(watched.length).toBeGreaterThan(8)
    for (const each of watched) expect([...counted]).toContain(each)
  })

  it('of the dashboard are some that a part counts', () => {
    const watched = watchedIn(widgetsOf(template))
    expect(watched).toContain('service aggregator StatesStale')
    expect(watched).toContain('service analytics BarsSettled')
    for (const each of watched) expect([...counted]).toContain(each)
  })

  afterEach(() => {
    vi.unstubAllEnvs()
  })

  it('arrive in the namespace and under the dimension in which they are looked for', () => {
    const variables = z.object({ POWERTOOLS_METRICS_NAMESPACE: z.string() })
    const functions = z
      .array(z.object({ Properties: z.object({ Environment: z.object({ Variables: variables }) }) }))
      .parse(Object.values(template.findResources('AWS::Lambda::Function')))
    for (const { Properties } of functions) {
      vi.stubEnv(
        'POWERTOOLS_METRICS_NAMESPACE',
        Properties.Environment.Variables.POWERTOOLS_METRICS_NAMESPACE,
      )
      const metrics = createMetrics('api')
      metrics.addMetric('ApiLatency', MetricUnit.Milliseconds, 1)
      const { _aws, service } = metrics.serializeMetrics()
      const looked = new Stack(temporaryApp()).resolve(
        partMetric({ prefix: 'tickstock', stage: 'prod' }, 'api', { name: 'ApiLatency' }),
      )
      expect(_aws.CloudWatchMetrics).toEqual([
        {
          Namespace: z.object({ namespace: z.string() }).parse(looked).namespace,
          Dimensions: [['service']],
          Metrics: [{ Name: 'ApiLatency', Unit: 'Milliseconds' }],
        },
      ])
      expect({ service }).toEqual(z.object({ dimensions: z.object({}).loose() }).parse(looked).dimensions)
    }
  })

  it('are declared for each folder of a part, so that its handler can count', () => {
    const parts: readonly string[] = readdirSync(new URL('../../functions', import.meta.url))
    const declared = Object.keys(METRICS)
    expect(
      parts.filter((name) => !['archive', 'domain', 'minute-state', 'shared'].includes(name)).toSorted(),
    ).toEqual(declared.toSorted())
  })
})
