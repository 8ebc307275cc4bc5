import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda'

import { createBarStream } from '../minute-state/bar-stream.ts'
import { createDeadLetters } from '../shared/dead-letters/dead-letters.ts'
import { parseEnvironment } from '../shared/runtime/environment.ts'
import { createFeatureFlags, withFeatureFlag } from '../shared/runtime/feature-flags.ts'
import { createKinesisClient, putRecordsWith } from '../shared/streams/kinesis-client.ts'
import { logReadFaults } from '../shared/streams/read-faults.ts'
import { noTotals } from '../minute-state/advance.ts'
import { rulesOf } from '../minute-state/rules.ts'
import { StateCache } from '../minute-state/state-cache.ts'
import { createMinuteStateStore } from '../minute-state/store.ts'
import { LIMITS, limitedHttp } from '../shared/runtime/limited-http.ts'
import { createTelemetry } from '../shared/runtime/telemetry.ts'
import { aggregate, type AggregatorDeps, progressOf } from './aggregate.ts'
import { closeOverdue } from './close-overdue.ts'
import { aggregatorEnvironment } from './env.ts'

const environment = parseEnvironment(aggregatorEnvironment, process.env)
const telemetry = createTelemetry('aggregator')
const flags = createFeatureFlags(environment.FLAGS_PATH, ['aggregation', 'late-corrections'], {
  log: telemetry.logger,
})
const deps: AggregatorDeps = {
  store: createMinuteStateStore(
    new DynamoDBClient({ requestHandler: limitedHttp(LIMITS.dynamodb) }),
    environment.MINUTE_STATE_TABLE,
  ),
  sink: createBarStream(putRecordsWith(createKinesisClient()), environment.BARS_STREAM),
  deadLetters: createDeadLetters(
    new S3Client({ requestHandler: limitedHttp(LIMITS.s3) }),
    environment.DEAD_LETTER_BUCKET,
  ),
  rules: rulesOf(environment),
  cache: new StateCache(),
  allowsNonPositive: environment.NON_POSITIVE_PRICES,
  now: Date.now,
}

/** Folds a batch of the stream `ticks` into bars and puts the completed bars on the stream `bars`. */
export const handler = withFeatureFlag(flags, 'aggregation', fold)

async function fold(event: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> {
  const lateTrades = (await flags.get('late-corrections')) === 'on' ? 'correct' : 'refuse'
  const { totals, rejected, unreadable, firstFailure, response } = await aggregate(
    { ...deps, rules: { ...deps.rules, lateTrades } },
    event.Records,
  )
  const progress = progressOf(event.Records)
  const closed = progress === undefined ? noTotals() : await closeOverdue(deps, progress, telemetry.logger)
  telemetry.count({
    BatchesFailed: firstFailure === undefined ? 0 : 1,
    ReadFaults: logReadFaults(unreadable, telemetry.logger),
    TicksProcessed: totals.applied,
    TicksRejected: rejected + totals.refused,
    TicksLate: totals.late,
    TicksDuplicate: totals.duplicates + totals.uncertain,
    TicksMissing: totals.missing + closed.missing,
    BarsCompleted: totals.completed + closed.completed,
    BarsRevised: totals.revised + closed.revised,
    BarsIncomplete: totals.incomplete + closed.incomplete,
    SymbolsTracked: deps.cache.size,
    StateConflicts: totals.conflicts + closed.conflicts,
    StatesStale: totals.stale + closed.stale,
    OutboxReemitted: totals.reemitted + closed.reemitted,
  })
  if (totals.uncertain > 0)
    telemetry.logger.warn('trades below all gaps that their line remembers were taken for duplicates', {
      trades: totals.uncertain,
    })
  if (firstFailure !== undefined)
    telemetry.logger.error('a record could not be committed; it and the records after it are redelivered', {
      ...firstFailure,
    })
  return response
}
