import { Duration } from 'aws-cdk-lib'
import { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { type Stream, StreamConsumer } from 'aws-cdk-lib/aws-kinesis'
import { MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import {
  KinesisConsumerEventSource,
  KinesisEventSource,
  type KinesisEventSourceProps,
} from 'aws-cdk-lib/aws-lambda-event-sources'

import { BATCH_SIZE, BATCH_WINDOW_SECONDS, LIVE_WINDOW_SECONDS } from './batching.ts'
import { type Config, isOnAws } from './config/config.ts'
import type { DeadLetterBucket } from './dead-letter-bucket.ts'
import type { PartFunction } from './part-function.ts'

const MINUTE = Duration.minutes(1)

/** A stream that a function consumes, by its metrics. */
export type Consumption = {
  /** Records that Lambda dead-lettered: too old, or retried too often. */
  readonly dropped: Metric
  /** Records that the function was called with, redelivered ones included. */
  readonly invoked: Metric
  /** Records put on the stream. */
  readonly incoming: Metric
}

export type ConsumeOptions = {
  readonly config: Config
  readonly deadLetters: DeadLetterBucket
  /** How long a failing record is retried: the config's `maxRetries` times, or until it is too old. */
  readonly tries: 'counted' | 'until-too-old'
  /** Where it starts when it is first deployed. @default the oldest record of the stream */
  readonly from?: 'oldest' | 'newest'
  /** @default that of the config's `latency` */
  readonly batches?: Batching
}

type Batching = { readonly size: number; readonly windowSeconds: number }

/**
 * Lets a function consume a stream in the one way that keeps the guarantees: in order and one batch at a time per
 * shard, again from the first failed record, and with a record that cannot be processed dead-lettered once it is too old
 * or was retried too often.
 *
 * Kinesis allows five reads a second per shard, for all its consumers together, and Lambda reads once a second for each:
 * `bars` has three, `signals` and `ticks` two; with `liveTicks` `ticks` has three, with `alerts` `bars` has four and `signals` three.
 */
export function consume(
  stream: Stream,
  consumer: PartFunction,
  { config, deadLetters, tries, from = 'oldest', batches: given }: ConsumeOptions,
): Consumption {
  const batches = given ?? batchingOf(config)
  const retryAttempts = tries === 'counted' ? config.maxRetries : undefined
  const read = given === undefined ? readerOf(config) : readByPolling
  const source = read(stream, consumer, {
    startingPosition: from === 'oldest' ? StartingPosition.TRIM_HORIZON : StartingPosition.LATEST,
    batchSize: batches.size,
    maxBatchingWindow: Duration.seconds(batches.windowSeconds),
    parallelizationFactor: 1,
    reportBatchItemFailures: true,
    bisectBatchOnError: true,
    maxRecordAge: Duration.hours(config.maxRecordAgeHours),
    ...(retryAttempts !== undefined && { retryAttempts }),
    onFailure: { bind: () => ({ destination: deadLetters.bucketArn }) },
    ...(isOnAws(config) && { metricsConfig: { metrics: [MetricType.EVENT_COUNT] } }),
  })
  deadLetters.grantGiveUp(consumer)
  consumer.live.addEventSource(source)
  const ofMapping = (metricName: string, label: string): Metric =>
    new Metric({
      namespace: 'AWS/Lambda',
      metricName,
      dimensionsMap: { EventSourceMappingUUID: source.eventSourceMappingId },
      statistic: 'Sum',
      period: MINUTE,
      label,
    })
  return {
    dropped: ofMapping('DroppedEventCount', `given up on by ${consumer.part}`),
    invoked: ofMapping('InvokedEventCount', `given to ${consumer.part}`),
    incoming: stream.metricIncomingRecords({ statistic: 'Sum', period: MINUTE }),
  }
}

type Read = (
  stream: Stream,
  consumer: PartFunction,
  props: KinesisEventSourceProps,
) => KinesisEventSource | KinesisConsumerEventSource

/** How someone reads who is not to wait. */
function readerOf({ latency }: Config): Read {
  return latency === 'lowest' ? readByFanOut : readByPolling
}

function readByPolling(stream: Stream, _consumer: PartFunction, props: KinesisEventSourceProps) {
  return new KinesisEventSource(stream, props)
}

/** With reads of its own, beside the five a second that all others share, and records as they come. */
function readByFanOut(stream: Stream, consumer: PartFunction, props: KinesisEventSourceProps) {
  const registered = new StreamConsumer(consumer, `${stream.node.id}Reader`, {
    stream,
    streamConsumerName: consumer.part,
  })
  return new KinesisConsumerEventSource(registered, props)
}

function batchingOf({ latency }: Config): Batching {
  return { size: BATCH_SIZE[latency], windowSeconds: BATCH_WINDOW_SECONDS[latency] }
}

/** Lambda's shortest: what is older is not live. */
const LIVE_AGE = Duration.minutes(1)

/**
 * Lets a function see the records of a stream as they come, for what nobody waits for: a batch that fails is dropped and
 * never tried again, so that no failure delays what comes next. Another consumer of the stream keeps the guarantees.
 */
export function followLive(stream: Stream, consumer: PartFunction, config: Config): void {
  consumer.live.addEventSource(
    readerOf(config)(stream, consumer, {
      startingPosition: StartingPosition.LATEST,
      batchSize: BATCH_SIZE[config.latency],
      maxBatchingWindow: Duration.seconds(LIVE_WINDOW_SECONDS[config.latency]),
      parallelizationFactor: 1,
      retryAttempts: 0,
      maxRecordAge: LIVE_AGE,
    }),
  )
}
