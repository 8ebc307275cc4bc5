import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { readConfig } from '../../lib/config/read-config.ts'
import { fanOutOf } from '../../lib/fan-out.ts'
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

  it('with latency lowest gets records pushed, but for the archiver, which batches them anyway', () => {
    const context = { stage: 'prod', latency: 'lowest' }
    const template = templateOf(context)
    const registered = template.findResources('AWS::Kinesis::StreamConsumer')
    const names = Object.values(registered).map(({ Properties }) => {
      const [, stream = ''] = /"Streams([A-Z][a-z]+)/.exec(JSON.stringify(Properties.StreamARN)) ?? []
      return `${Properties.ConsumerName} ${stream}`
    })
    expect(names.toSorted()).toEqual([
      'aggregator Ticks',
      'analytics Bars',
      'bar-writer Bars',
      'bar-writer Signals',
      'broadcaster Bars',
      'broadcaster Signals',
    ])
    const sources = Object.values(template.findResources('AWS::Lambda::EventSourceMapping')).map(
      ({ Properties }) => Properties,
    )
    const pushed = sources.filter(({ EventSourceArn }) =>
      Object.keys(registered).some((id) => JSON.stringify(EventSourceArn).includes(`"${id}"`)),
    )
    expect(pushed).toHaveLength(6)
    for (const each of pushed)
      expect(each).toMatchObject({
        ParallelizationFactor: 1,
        MaximumBatchingWindowInSeconds: 0,
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        DestinationConfig: { OnFailure: { Destination: expect.anything() } },
      })
    expect(JSON.stringify(sources.filter((each) => !pushed.includes(each)))).toContain('ArchiverFunction')
    expect(sources).toHaveLength(7)
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({ Action: ['kinesis:DescribeStreamConsumer', 'kinesis:SubscribeToShard'] }),
        ]),
      }),
    })
    expect(templateOf({ stage: 'prod' }).findResources('AWS::Kinesis::StreamConsumer')).toEqual({})
  })

  it('is counted for its bill as it is in the template', () => {
    const settings = { stage: 'prod', region: 'eu-central-1', latency: 'lowest', liveTicks: 'on' }
    const { ticks, bars, signals } = fanOutOf(
      readConfig((key) => Object.entries(settings).find(([name]) => name === key)?.[1]),
    )
    const consumers = Object.values(templateOf(settings).findResources('AWS::Kinesis::StreamConsumer'))
    expect([ticks, bars, signals]).toEqual(
      ['Ticks', 'Bars', 'Signals'].map(
        (stream) => consumers.filter((each) => JSON.stringify(each).includes(`"Streams${stream}`)).length,
      ),
    )
  })
})
