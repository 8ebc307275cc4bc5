import { largestItem } from '../../functions/analytics/largest-state.ts'
import { readAnalysis } from '../../functions/shared/runtime/analysis-fields.ts'
import { badValue } from './config-error.ts'
import type { Config } from './config.ts'

/** DynamoDB's limit for an item, in bytes. */
const LARGEST_ITEM = 400 * 1024

/** What Kinesis, Lambda, S3 or DynamoDB would refuse, or throttle. */
export function refuseLimits(config: Config): void {
  refuseLateDeadLetters(config)
  refuseTooFewWriters(config)
  refuseFanOut(config)
  refuseLateTransition(config)
  refuseLargeStates(config)
}

function refuseLateDeadLetters({ maxRecordAgeHours, streamRetentionHours }: Config): void {
  if (maxRecordAgeHours < streamRetentionHours) return
  throw badValue(
    'maxRecordAgeHours',
    maxRecordAgeHours,
    `allowed is less than streamRetentionHours (${streamRetentionHours}), ` +
      'since what the stream has dropped cannot be saved to the dead-letter bucket',
  )
}

/** Lambda calls the bar-writer for each shard separately, and throttles the calls that exceed its reservation. */
function refuseTooFewWriters(config: Config): void {
  const { barWriterConcurrency, barShards, signalShards, streamMode } = config
  const shards = barShards + signalShards
  if (streamMode === 'on-demand' || barWriterConcurrency === 0 || barWriterConcurrency >= shards) return
  throw badValue(
    'barWriterConcurrency',
    barWriterConcurrency,
    `allowed is 0, or from ${shards} on, an instance for each of the barShards and signalShards, since the others would be throttled`,
  )
}

function refuseFanOut({ stage, latency }: Config): void {
  if (stage !== 'local' || latency !== 'lowest') return
  throw badValue('latency', latency, 'stage local has no enhanced fan-out; allowed is low or economy')
}

/** S3 refuses a rule that moves objects after it has deleted them. */
function refuseLateTransition({ archiveDays, archiveGlacierDays }: Config): void {
  if (archiveDays === 0 || archiveGlacierDays < archiveDays) return
  throw badValue(
    'archiveGlacierDays',
    archiveGlacierDays,
    `allowed is less than archiveDays (${archiveDays}), after which objects are deleted, or 0`,
  )
}

function refuseLargeStates(config: Config): void {
  const { indicators, latenessSeconds } = config
  const stateBytes = largestItem(readAnalysis(config), latenessSeconds)
  if (stateBytes <= LARGEST_ITEM) return
  throw badValue(
    'indicators',
    indicators,
    `the state of a symbol may take ${stateBytes} bytes with latenessSeconds ${latenessSeconds}; allowed are ${LARGEST_ITEM}, ` +
      'an item of DynamoDB. Shorter periods, fewer indicators, or less lateness make it smaller',
  )
}
