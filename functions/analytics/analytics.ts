import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda'

import { logReadFaults } from '../shared/streams/read-faults.ts'
import { analyseBars, type AnalysedBatch, type AnalyticsDeps } from './analyse-bars.ts'

/** The part of the telemetry that is used. */
export type AnalyticsTelemetry = {
  readonly count: (counts: Readonly<Record<string, number>>, notes: Readonly<Record<string, string>>) => void
  readonly logger: Record<
    'warn' | 'error',
    (message: string, details: Readonly<Record<string, unknown>>) => void
  >
}

/**
 * The function. What could be analysed is kept; the first bar that could not, and all records after it, are redelivered.
 *
 * @throws what `analyseBars` throws: the whole batch is redelivered
 */
export function createAnalytics(
  deps: AnalyticsDeps,
  { count, logger }: AnalyticsTelemetry,
): (event: KinesisStreamEvent) => Promise<KinesisStreamBatchResponse> {
  return async ({ Records }) => {
    const { totals, unreadable, firstFailure, response } = await analyseBars(deps, Records)
    count(
      countsOf({ totals, firstFailure, faults: logReadFaults(unreadable, logger) }),
      totals.lastPattern === undefined ? {} : { lastPattern: totals.lastPattern },
    )
    if (unreadable.length > 0)
      logger.warn('records of the stream bars are no bars; the bar-writer dead-letters them', {
        unreadable: unreadable.length,
      })
    if (firstFailure !== undefined)
      logger.error('a bar could not be analysed; it and the records after it are redelivered', {
        ...firstFailure,
      })
    return response
  }
}

function countsOf({
  totals,
  firstFailure,
  faults,
}: Pick<AnalysedBatch, 'totals' | 'firstFailure'> & { readonly faults: number }) {
  return {
    ReadFaults: faults,
    BatchesFailed: firstFailure === undefined ? 0 : 1,
    IndicatorsCalculated: totals.values,
    PatternsDetected: totals.patterns,
    PatternsWithdrawn: totals.withdrawn,
    StateConflicts: totals.conflicts,
    BarsSettled: totals.finalized,
  }
}
