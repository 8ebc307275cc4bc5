import type { KinesisStreamEvent } from 'aws-lambda'
import type { BarRecord } from '../../../functions/shared/streams/records.ts'

/** A valid bar, with what the test cares about; its notional and completeness are not known. */
export function bar(change: Partial<BarRecord> = {}): BarRecord {
  return {
    type: 'bar',
    symbol: 'AAPL',
    timestamp: '2025-11-10T17:24:00Z',
    timeframe: '1Min',
    revision: 1,
    open: '150.25',
    high: '150.3',
    low: '150.2',
    close: '150.25',
    volume: '1200',
    notional: null,
    vwap: '150.24',
    trade_count: 12,
    complete: null,
    withdrawn: false,
    closed_at: 1_762_795_500_123,
    source: null,
    ...change,
  }
}

/** What Lambda gets from Kinesis: one record per text, numbered from 1. */
export function kinesisEvent(texts: readonly string[]): KinesisStreamEvent {
  return {
    Records: texts.map((text, index) => ({
      awsRegion: 'us-east-1',
      eventID: `shardId-000000000000:${index + 1}`,
      eventName: 'aws:kinesis:record',
      eventSource: 'aws:kinesis',
      eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/bars',
      eventVersion: '1.0',
      invokeIdentityArn: 'arn:aws:iam::000000000000:role/bar-writer',
      kinesis: {
        approximateArrivalTimestamp: 1_762_795_500,
        data: Buffer.from(text).toString('base64'),
        kinesisSchemaVersion: '1.0',
        partitionKey: 'AAPL',
        sequenceNumber: String(index + 1),
      },
    })),
  }
}
