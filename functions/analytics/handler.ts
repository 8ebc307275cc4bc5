import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda'

import { readAnalysis } from '../shared/analysis-fields.ts'
import { parseEnvironment } from '../shared/environment.ts'
import { createFeatureFlags, whenOn } from '../shared/feature-flags.ts'
import { createKinesisClient, putRecordsWith } from '../shared/kinesis.ts'
import { createStateStore } from '../shared/state-store.ts'
import { createTelemetry } from '../shared/telemetry.ts'
import { analyseBars, type AnalyticsParts } from './analyse-bars.ts'
import { analyticsEnvironment } from './env.ts'
import { createSignalStream } from './signal-stream.ts'
import { createStateCodec } from './state-codec.ts'

const environment = parseEnvironment(analyticsEnvironment, process.env)
const telemetry = createTelemetry('analytics')
const flags = createFeatureFlags(environment.FLAGS_PATH, ['analytics'], { log: telemetry.logger })
const analysis = readAnalysis({
  indicators: environment.INDICATORS,
  patterns: environment.PATTERNS,
  vwapSession: environment.VWAP_SESSION,
})
const parts: AnalyticsParts = {
  analysis,
  latenessSeconds: environment.LATENESS_SECONDS,
  store: createStateStore(
    new DynamoDBClient(),
    environment.INDICATOR_STATE_TABLE,
    createStateCodec(analysis),
  ),
  sink: createSignalStream(putRecordsWith(createKinesisClient()), environment.SIGNALS_STREAM),
  now: Date.now,
}

/** Computes indicators and patterns of a batch of the stream `bars` and puts them on the stream `signals`. */
export const handler = whenOn(flags, 'analytics', analyse)

async function analyse(event: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> {
  const { totals, unreadable, firstFailure } = await analyseBars(parts, event.Records)
  telemetry.count(
    {
      BatchesFailed: firstFailure === undefined ? 0 : 1,
      IndicatorsCalculated: totals.values,
      PatternsDetected: totals.patterns,
      PatternsWithdrawn: totals.withdrawn,
      StateConflicts: totals.conflicts,
      BarsSettled: totals.settled,
    },
    totals.lastPattern === undefined ? {} : { lastPattern: totals.lastPattern },
  )
  if (unreadable > 0)
    telemetry.logger.warn('records of the stream bars are no bars; the bar-writer puts them aside', {
      unreadable,
    })
  if (firstFailure === undefined) return { batchItemFailures: [] }
  const { sequenceNumber, error } = firstFailure
  telemetry.logger.error('a bar could not be analysed; it and what follows are redelivered', {
    sequenceNumber,
    error,
  })
  return { batchItemFailures: [{ itemIdentifier: sequenceNumber }] }
}
