import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { readAlarms } from '../../../functions/operator/alarms.ts'
import { createFigures } from '../../../functions/operator/figures.ts'

const NOW = Date.parse('2025-11-10T17:30:30Z')
const minute = (ago: number): Date => new Date(Math.floor(NOW / 60_000) * 60_000 - ago * 60_000)

const queriesSchema = z.object({
  NextToken: z.string().optional(),
  MetricDataQueries: z.array(
    z.object({
      Id: z.string(),
      MetricStat: z.object({ Metric: z.looseObject({ MetricName: z.string() }), Stat: z.string() }),
    }),
  ),
})

/** A client of CloudWatch whose answers are these, one after the other. */
function clientOf(answer: (input: unknown) => object): { client: CloudWatchClient; inputs: unknown[] } {
  const inputs: unknown[] = []
  const client = new CloudWatchClient({ region: 'us-east-1' })
  client.middlewareStack.add(
    () =>
      async ({ input }) => {
        inputs.push(input)
        return { response: {}, output: { $metadata: {}, ...answer(input) } }
      },
    { step: 'initialize' },
  )
  return { client, inputs }
}

const options = (now: () => number) => ({
  deployment: 'tickstock-prod',
  namespace: 'TickStock/prod',
  consumers: ['aggregator', 'bar-writer'],
  now,
})

describe('the figures', () => {
  const series: Readonly<Record<string, readonly (readonly [ago: number, value: number])[]>> = {
    ticksTotal: [
      [0, 10],
      [1, 600],
      [2, 1200],
      [50, 90],
    ],
    bars: [[3, 5]],
    barsOfSweeper: [[3, 2]],
    rejected: [[9, 4]],
    p99: [
      [1, 80],
      [2, 900],
    ],
    lag0: [[1, 1500]],
    lag1: [[40, 99_000]],
  }
  const paged = (input: unknown): object => {
    const { MetricDataQueries, NextToken } = queriesSchema.parse(input)
    const half = MetricDataQueries.length / 2
    const shown = MetricDataQueries.filter((_each, index) => index < half === (NextToken === undefined))
    return {
      MetricDataResults: shown.map(({ Id }) => ({
        Id,
        Timestamps: (series[Id] ?? []).map(([ago]) => minute(ago)),
        Values: (series[Id] ?? []).map(([, value]) => value),
      })),
      ...(NextToken === undefined && { NextToken: 'more' }),
    }
  }

  it('are sums of the last hour, the newest level where one came lately, and nothing where none did', async () => {
    const { client } = clientOf(paged)
    const figures = await createFigures(
      client,
      async () => [],
      options(() => NOW),
    )()
    expect(figures).toEqual({
      span: 'the last hour',
      metrics: {
        // Of 17:29, the last minute that is over.
        ticksPerSecond: 10,
        ticksTotal: 1900,
        late: 0,
        rejected: 4,
        duplicates: 0,
        missing: 0,
        bars: 7,
        revised: 0,
        incomplete: 0,
      },
      lag: [
        { part: 'aggregator', ms: 1500, records: null },
        { part: 'bar-writer', ms: null, records: null },
      ],
      latency: { bar: { p50: null, p99: 80 } },
      alarms: [],
    })
  })

  it('are asked for again after some seconds only, whoever looks, and at once after a fault', async () => {
    let now = NOW
    let isAway = true
    const { client, inputs } = clientOf((input) => {
      if (isAway) throw new Error('CloudWatch is away')
      return paged(input)
    })
    const read = createFigures(
      client,
      async () => [],
      options(() => now),
    )
    await expect(read()).rejects.toThrow('CloudWatch is away')
    isAway = false
    inputs.length = 0
    await Promise.all([read(), read()])
    expect(inputs).toHaveLength(2)
    now += 19_999
    await read()
    expect(inputs).toHaveLength(2)
    now += 1
    await read()
    expect(inputs).toHaveLength(4)
  })
})

it('the alarms are those of the stage, those that ring first', async () => {
  const alarm = (AlarmName: string, StateValue: string) => ({
    AlarmName,
    StateValue,
    AlarmDescription: 'Look.',
  })
  const { client, inputs } = clientOf(() => ({
    MetricAlarms: [
      alarm('tickstock-prod-api-errors', 'OK'),
      alarm('tickstock-prod-no-ticks', 'INSUFFICIENT_DATA'),
      alarm('tickstock-prod-bar-latency', 'ALARM'),
    ],
  }))
  expect(await readAlarms(client, 'tickstock-prod')).toEqual([
    { name: 'bar-latency', state: 'alarm', about: 'Look.' },
    { name: 'no-ticks', state: 'unknown', about: 'Look.' },
    { name: 'api-errors', state: 'ok', about: 'Look.' },
  ])
  expect(inputs).toEqual([expect.objectContaining({ AlarmNamePrefix: 'tickstock-prod-' })])
})
