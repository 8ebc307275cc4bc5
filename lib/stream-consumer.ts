import { Duration } from 'aws-cdk-lib'
import { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { Stream } from 'aws-cdk-lib/aws-kinesis'
import { MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { KinesisEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'

import { BATCH_SIZE, BATCH_WINDOW_SECONDS } from './batching.ts'
import { type Config, isOnAws } from './config.ts'
import type { DeadLetterBucket } from './dead-letter-bucket.ts'
import type { PartFunction } from './part-function.ts'

/**
 * Lets a function consume a stream in the one way that keeps our guarantees: in order and one batch at a time per
 * shard, from the oldest record on, again from the first failed record, and with what cannot be processed put into the
 * dead-letter bucket once it is too old.
 *
 * @returns how many records were given up on
 */
export function consume(
  stream: Stream,
  consumer: PartFunction,
  { config, deadLetters }: { readonly config: Config; readonly deadLetters: DeadLetterBucket },
): Metric {
  const source = new KinesisEventSource(stream, {
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: BATCH_SIZE[config.latency],
    maxBatchingWindow: Duration.seconds(BATCH_WINDOW_SECONDS[config.latency]),
    parallelizationFactor: 1,
    reportBatchItemFailures: true,
    bisectBatchOnError: true,
    maxRecordAge: Duration.hours(config.maxRecordAgeHours),
    onFailure: { bind: () => ({ destination: deadLetters.bucketArn }) },
    ...(isOnAws(config) && { metricsConfig: { metrics: [MetricType.EVENT_COUNT] } }),
  })
  deadLetters.grantGiveUp(consumer)
  consumer.live.addEventSource(source)
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName: 'OnFailureDestinationDeliveredEventCount',
    dimensionsMap: { EventSourceMappingUUID: source.eventSourceMappingId },
    statistic: 'Sum',
    period: Duration.minutes(1),
    label: `given up on by ${consumer.part}`,
  })
}
