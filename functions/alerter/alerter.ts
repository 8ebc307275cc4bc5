import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda'

import { logReadFaults } from '../shared/streams/read-faults.ts'
import type { TradingHours } from '../shared/runtime/trading-hours.ts'
import { type DeliverDeps, deliverDue } from './deliver.ts'
import { judgeBatch, type JudgeDeps } from './judge-batch.ts'
import { judgeSilence } from './judge-silence.ts'

/** The part of the telemetry that is used. */
export type AlerterTelemetry = {
  readonly measure: (counts: AlerterCounts) => void
  readonly logger: Record<
    'warn' | 'error',
    (message: string, details: Readonly<Record<string, unknown>>) => void
  >
}

type AlerterCounts = Readonly<
  Partial<Record<'ReadFaults' | 'BatchesFailed' | 'AlertsFired' | 'AlertsDelivered' | 'AlertsFailed', number>>
>

/** So long a call starts attempts; another begins within a minute. */
const DELIVER_MS = 40_000

/** The part's work, by what it is called for. */
export type Alerter = {
  /** What could be judged is kept; the first record that could not, and all after it, are redelivered. */
  consume(event: KinesisStreamEvent): Promise<KinesisStreamBatchResponse>
  minute(): Promise<void>
  deliver(): Promise<void>
}

/** @param start lets what is due be delivered, without waiting for it */
export function createAlerter(
  deps: JudgeDeps & DeliverDeps & { readonly hours: TradingHours; readonly start: () => Promise<void> },
  { measure, logger }: AlerterTelemetry,
): Alerter {
  const deliver = async (): Promise<void> => {
    const { delivered, failed } = await deliverDue(deps, deps.now() + DELIVER_MS)
    if (delivered + failed > 0) measure({ AlertsDelivered: delivered, AlertsFailed: failed })
  }
  return {
    consume: async ({ Records }) => {
      const { fired, unreadable, firstFailure, response } = await judgeBatch(deps, Records)
      const faults = logReadFaults(unreadable, logger)
      measure({
        AlertsFired: fired,
        ReadFaults: faults,
        BatchesFailed: firstFailure === undefined ? 0 : 1,
      })
      if (firstFailure !== undefined)
        logger.error('a record could not be judged; it and the records after it are redelivered', {
          ...firstFailure,
        })
      if (fired > 0) await deps.start()
      return response
    },
    minute: async () => {
      const fired = await judgeSilence(deps, deps.hours)
      if (fired > 0) measure({ AlertsFired: fired })
      await deliver()
    },
    deliver,
  }
}
