import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { templateOf } from '../support/template.ts'

const schema = z.object({
  Properties: z.looseObject({
    FunctionName: z.unknown(),
    MaximumRetryAttempts: z.number().optional(),
  }),
})

/** The mappings of a stage, by function and stream. */
function mappingsOf(context: Readonly<Record<string, string>>): ReadonlyMap<string, Record<string, unknown>> {
  const template = templateOf({ stage: 'prod', ...context })
  return new Map(
    Object.values(template.findResources('AWS::Lambda::EventSourceMapping')).map((mapping) => {
      const { Properties } = schema.parse(mapping)
      const text = JSON.stringify([Properties.FunctionName, Properties['EventSourceArn']])
      const [, part = '', stream = ''] = /"Ref":"(\w+?)FunctionLive.*"Streams([A-Z][a-z]+)/.exec(text) ?? []
      return [`${part} ${stream}`, Properties]
    }),
  )
}

describe('a consumer of a stream', () => {
  it('tries a record again until it is too old, in order, and puts what it gives up on into the bucket', () => {
    const mappings = mappingsOf({})
    expect([...mappings.keys()].toSorted()).toEqual([
      'Aggregator Ticks',
      'Analytics Bars',
      'Archiver Ticks',
      'BarWriter Bars',
      'BarWriter Signals',
      'Broadcaster Bars',
      'Broadcaster Signals',
    ])
    for (const mapping of mappings.values()) {
      expect(mapping).toMatchObject({
        ParallelizationFactor: 1,
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        MaximumRecordAgeInSeconds: 23 * 3600,
        DestinationConfig: { OnFailure: { Destination: expect.anything() } },
      })
      expect(mapping).not.toHaveProperty('MaximumRetryAttempts')
    }
  })

  it('begins with the oldest record, but for the broadcaster: no client is there yet that would want it', () => {
    const starts = [...mappingsOf({})].map(([name, mapping]) => [name, mapping['StartingPosition']])
    expect(Object.fromEntries(starts)).toEqual({
      'Aggregator Ticks': 'TRIM_HORIZON',
      'Analytics Bars': 'TRIM_HORIZON',
      'Archiver Ticks': 'TRIM_HORIZON',
      'BarWriter Bars': 'TRIM_HORIZON',
      'BarWriter Signals': 'TRIM_HORIZON',
      'Broadcaster Bars': 'LATEST',
      'Broadcaster Signals': 'LATEST',
    })
  })

  it('shares a shard with no more others than may read it once a second, as Lambda does: five', () => {
    const streams = [...mappingsOf({}).keys()].map((name) => name.split(' ')[1] ?? '')
    const consumers = Object.entries(Object.groupBy(streams, (name) => name))
    expect(consumers.map(([name, all = []]) => [name, all.length])).toEqual([
      ['Ticks', 2],
      ['Bars', 3],
      ['Signals', 2],
    ])
    for (const [, all = []] of consumers) expect(all.length).toBeLessThanOrEqual(5)
  })

  it('gives up sooner with maxRetries, but never the archiver, whose bucket may be away, nor the bar-writer, whose database may be away, nor the broadcaster, whose clients would miss it', () => {
    const tries = [...mappingsOf({ maxRetries: '5' })].map(([name, mapping]) => [
      name,
      mapping['MaximumRetryAttempts'],
    ])
    expect(Object.fromEntries(tries)).toEqual({
      'Aggregator Ticks': 5,
      'Analytics Bars': 5,
      'Archiver Ticks': undefined,
      'BarWriter Bars': undefined,
      'BarWriter Signals': undefined,
      'Broadcaster Bars': undefined,
      'Broadcaster Signals': undefined,
    })
  })
})
