import { expect, test } from 'vitest'
import { parseEventSourceMappingSettings } from './settings.ts'

function parse(properties: Record<string, unknown>) {
  return parseEventSourceMappingSettings('TicksMapping', properties)
}

test('fills in the defaults that AWS documents', () => {
  expect(parse({ EventSourceArn: 'a', FunctionName: 'f', StartingPosition: 'LATEST' })).toEqual({
    enabled: true,
    batchSize: 100,
    batchingWindowMs: 0,
    start: { type: 'latest' },
    bisectOnError: false,
    maxRetries: undefined,
    maxRecordAgeMs: undefined,
    reportsItemFailures: false,
    failureBucketArn: undefined,
  })
})

test('takes every supported property', () => {
  expect(
    parse({
      Enabled: false,
      BatchSize: 7,
      MaximumBatchingWindowInSeconds: 5,
      ParallelizationFactor: 1,
      StartingPosition: 'AT_TIMESTAMP',
      StartingPositionTimestamp: 1_760_106_735,
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 0,
      MaximumRecordAgeInSeconds: 60,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::dead-letters' } },
    }),
  ).toEqual({
    enabled: false,
    batchSize: 7,
    batchingWindowMs: 5_000,
    start: { type: 'at-timestamp', time: 1_760_106_735_000 },
    bisectOnError: true,
    maxRetries: 0,
    maxRecordAgeMs: 60_000,
    reportsItemFailures: true,
    failureBucketArn: 'arn:aws:s3:::dead-letters',
  })
})

test.each([
  [{ TumblingWindowInSeconds: 30 }, 'does not support TumblingWindowInSeconds'],
  [{ FilterCriteria: { Filters: [] } }, 'does not support FilterCriteria'],
  [{ BatchSise: 3 }, 'does not support BatchSise'],
  [{ ParallelizationFactor: 2 }, 'ParallelizationFactor: only 1 is supported'],
  [{ BatchSize: 10_001 }, 'BatchSize'],
  [{ MaximumRecordAgeInSeconds: 59 }, 'MaximumRecordAgeInSeconds'],
  [{ StartingPosition: 'AT_TIMESTAMP' }, 'StartingPositionTimestamp'],
  [{ DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:0:q' } } }, 'S3 bucket'],
  [{ DestinationConfig: { OnSuccess: {} } }, 'OnSuccess'],
])('refuses %j, naming the property', (property, message) => {
  const read = () => parse({ StartingPosition: 'TRIM_HORIZON', ...property })
  expect(read).toThrow(message)
  expect(read).toThrow('TicksMapping')
})
