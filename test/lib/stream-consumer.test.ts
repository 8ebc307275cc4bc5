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

describe('a consumer of a stream', { timeout: 60_000 }, () => {
  it('tries a record again until it is too old, in order, and puts what it gives up on into the bucket', () => {
    const mappings = mappingsOf({})
    expect([...mappings.keys()].toSorted()).toEqual([
      'Aggregator Ticks',
      'Analytics Bars',
      'BarWriter Bars',
      'BarWriter Signals',
    ])
    for (const mapping of mappings.values()) {
      expect(mapping).toMatchObject({
        StartingPosition: 'TRIM_HORIZON',
        ParallelizationFactor: 1,
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        MaximumRecordAgeInSeconds: 23 * 3600,
        DestinationConfig: { OnFailure: { Destination: expect.anything() } },
      })
      expect(mapping).not.toHaveProperty('MaximumRetryAttempts')
    }
  })

  it('gives up sooner with maxRetries, but never the bar-writer, whose database may be away', () => {
    const tries = [...mappingsOf({ maxRetries: '5' })].map(([name, mapping]) => [
      name,
      mapping['MaximumRetryAttempts'],
    ])
    expect(Object.fromEntries(tries)).toEqual({
      'Aggregator Ticks': 5,
      'Analytics Bars': 5,
      'BarWriter Bars': undefined,
      'BarWriter Signals': undefined,
    })
  })
})
