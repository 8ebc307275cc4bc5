import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda'

import { partialBatchResponse } from '../shared/streams/partial-batch-response.ts'
import { analyseBars, type AnalysedBatch, type AnalyticsDeps } from './analyse-bars.ts'

/** What of the telemetry is in use. */
export type AnalyticsTelemetry = {
  readonly count: (counts: Readonly<Record<string, number>>, notes: Readonly<Record<string, string>>) => void
  readonly logger: Record<
    'warn' | 'error',
    (message: string, details: Readonly<Record<string, unknown>>) => void
  >
}

/**
 * The function: what could be analysed stands; the first bar that could not, and all behind it, come again.
 *
 * @throws what `analyseBars` throws: the whole batch is to come again
 */
export function createAnalytics(
  deps: AnalyticsDeps,
  { count, logger }: AnalyticsTelemetry,
): (event: KinesisStreamEvent) => Promise<KinesisStreamBatchResponse> {
  return async ({ Records }) => {
    const { totals, unreadable, firstFailure } = await analyseBars(deps, Records)
    count(
      countsOf({ totals, firstFailure }),
      totals.lastPattern === undefined ? {} : { lastPattern: totals.lastPattern },
    )
    if (unreadable > 0)
      logger.warn('records of the stream bars are no bars; the bar-writer puts them aside', { unreadable })
    if (firstFailure !== undefined)
      logger.error('a bar could not be analysed; it and what follows are redelivered', { ...firstFailure })
    return partialBatchResponse({ firstFailure })
  }
}

function countsOf({ totals, firstFailure }: Pick<AnalysedBatch, 'totals' | 'firstFailure'>) {
  return {
    BatchesFailed: firstFailure === undefined ? 0 : 1,
    IndicatorsCalculated: totals.values,
    PatternsDetected: totals.patterns,
    PatternsWithdrawn: totals.withdrawn,
    StateConflicts: totals.conflicts,
    BarsSettled: totals.settled,
  }
}
