import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { type CostOptions, createCostSoFar } from '../../../functions/operator/cost-so-far.ts'

const NOW = Date.parse('2025-11-11T06:00:00Z')

const inputSchema = z.object({
  StartTime: z.date(),
  EndTime: z.date(),
  MetricDataQueries: z.array(z.object({ Id: z.string().regex(/^[a-z]\w*$/) })).max(500),
})

/** A client of CloudWatch that has these sums, each half of it of one day. */
function clientOf(sums: Readonly<Record<string, number>>) {
  const inputs: z.output<typeof inputSchema>[] = []
  const client = new CloudWatchClient({ region: 'us-east-1' })
  client.middlewareStack.add(
    () =>
      async ({ input }) => {
        const asked = inputSchema.parse(input)
        inputs.push(asked)
        const MetricDataResults = asked.MetricDataQueries.map(({ Id }) => ({
          Id,
          Timestamps: [new Date(NOW), new Date(NOW - 86_400_000)],
          Values: [(sums[Id] ?? 0) / 2, (sums[Id] ?? 0) / 2],
        }))
        return { response: {}, output: { $metadata: {}, MetricDataResults } }
      },
    { step: 'initialize' },
  )
  return { client, inputs }
}

const options: CostOptions = {
  deployment: 'tickstock-prod',
  namespace: 'TickStock/prod',
  functions: new Map([
    ['aggregator', 512],
    ['sweeper', 512],
    ['api', 1024],
  ]),
  streamMode: 'provisioned',
  standing: 0.5,
  now: () => NOW,
}

const costOf = async (sums: Readonly<Record<string, number>>, change: Partial<CostOptions> = {}) =>
  (await createCostSoFar(clientOf(sums).client, { ...options, ...change })()).usd

describe('the cost so far', () => {
  it('is that of what always runs, for the time that the sweeper has run in this month', async () => {
    expect(await costOf({})).toBe(0)
    expect(await costOf({ calls_sweeper: 600 })).toBeCloseTo(10 * 0.5 + 600 * 0.2e-6, 9)
    // Retries do not make the month longer.
    expect(await costOf({ calls_sweeper: 60_000_000 })).toBeCloseTo(246 * 0.5 + 12, 6)
  })

  it.each([
    ['requests of functions', { calls_api: 5e6 }, 1],
    ['the time of functions, by their memory', { ms_aggregator: 2e9, ms_api: 1e9 }, 2e6 * 0.000_013_333_4],
    ['writes and reads of tables', { writes_minute_state: 1e6, reads_subscribers: 8e6 }, 0.625 + 1],
    ['puts of records', { records_ticks: 1e8 }, 1.4],
    ['puts of large records, by 25 KB', { records_ticks: 1, bytes_ticks: 1e6 * 25 * 1024 }, 0.014],
    ['requests of the API', { requests: 2e6 }, 7],
    ['messages', { messages: 1e6, live: 1e6 }, 2],
    ['objects', { objects: 1e6 }, 5],
  ])('has %s', async (_what, sums, dollars) => {
    expect(await costOf(sums)).toBeCloseTo(dollars, 6)
  })

  it('has the bytes of on-demand streams, of a record at least 1 KB', async () => {
    const sums = { records_bars: 1e6, bytes_bars: 1e6, read_bars: 2e9 }
    expect(await costOf(sums, { streamMode: 'on-demand' })).toBeCloseTo(1.024 * 0.08 + 2 * 0.04, 6)
  })

  it('is of this month, marked as an estimate, and read again after a quarter of an hour', async () => {
    const { client, inputs } = clientOf({})
    let now = NOW
    const read = createCostSoFar(client, { ...options, now: () => now })
    const { note } = await read()
    expect(note).toContain('estimate since 2025-11-01 (UTC), at prices of November 2025 in us-east-1')
    now += 15 * 60_000 - 1
    await read()
    expect(inputs).toHaveLength(1)
    now += 1
    await read()
    expect(inputs.map(({ StartTime, EndTime }) => [StartTime.toISOString(), EndTime.getTime()])).toEqual([
      ['2025-11-01T00:00:00.000Z', NOW],
      ['2025-11-01T00:00:00.000Z', now],
    ])
    const ids = inputs[0]?.MetricDataQueries.map(({ Id }) => Id) ?? []
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('is not known where the database has no price, and says so', async () => {
    const { client, inputs } = clientOf({})
    const cost = await createCostSoFar(client, { ...options, standing: undefined })()
    expect(cost).toEqual({ usd: null, note: expect.stringContaining('no price for the instance') })
    expect(inputs).toEqual([])
  })
})
