import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda'

import { createAnalytics } from '../../functions/analytics/analytics.ts'
import { createSignalStream } from '../../functions/analytics/signal-stream.ts'
import { archiveBatch } from '../../functions/archiver/archive-batch.ts'
import { createBarWriter } from '../../functions/bar-writer/bar-writer.ts'
import type { DeadLetters } from '../../functions/shared/dead-letters/dead-letters.ts'
import { backoffMs } from '../../functions/shared/streams/backoff.ts'
import type { PutRecords } from '../../functions/shared/streams/put-in-order.ts'
import type { Handler } from './fleet.ts'
import type { Host } from './host.ts'
import type { Services } from './services.ts'
import type { Stream } from './stream.ts'
import { reachedFrom } from './tables.ts'

export type Consumer = Handler<KinesisStreamEvent, KinesisStreamBatchResponse>

/** PutRecords as a host has it. */
export function putFrom(host: Host, stream: Stream): PutRecords {
  return (_name, records) =>
    host.call(stream.name === 'bars' ? 'bars' : 'signals', `put ${records.length}`, () =>
      stream.putRecords(records),
    )
}

export function backOffOf(host: Host, { dice }: Services) {
  return { backOff: (failures: number) => host.sleep(backoffMs(failures, dice.next())) }
}

export function deadLettersOf(host: Host, services: Services): DeadLetters {
  return (rejected, kind) => {
    if (rejected.length === 0) return Promise.resolve()
    return host.call('dead-letters', `put ${kind}`, () => services.deadLetter(rejected, kind))
  }
}

/** As functions/analytics/handler.ts has it. */
export function analyticsOf(host: Host, services: Services): Consumer {
  const { analysis, plan, states, signals, trace } = services
  const deps = {
    analysis,
    latenessSeconds: plan.rules.latenessSeconds,
    store: reachedFrom(host, 'indicator-state', {
      store: states,
      onOwnConflict: () => trace.reach('own commit taken for a conflict'),
    }),
    sink: createSignalStream(putFrom(host, signals), 'signals', backOffOf(host, services)),
    now: host.now,
  }
  const count = (counts: Readonly<Record<string, number>>): void =>
    trace.reach('pattern withdrawn', counts['PatternsWithdrawn'] ?? 0)
  const warn = (message: string): void => trace.violate(message)
  return createAnalytics(deps, { count, logger: { warn, error: () => {} } })
}

/** As functions/bar-writer/handler.ts has it. */
export function barWriterOf(host: Host, services: Services): Consumer {
  return createBarWriter({
    database: {
      query: (text, values) =>
        host.call('database', /INTO (\w+)/.exec(text)?.[1] ?? 'query', () =>
          services.database.query(text, values),
        ),
    },
    deadLetters: deadLettersOf(host, services),
    now: host.now,
    log: { error: () => {} },
    measure: () => {},
  })
}

/** As functions/archiver/handler.ts has it. */
export function archiverOf(host: Host, { bucket }: Services): Consumer {
  return async ({ Records }) => {
    const put = (key: string, bytes: Uint8Array): Promise<void> =>
      host.call('archive', `put ${key}`, () => bucket.put(key, bytes))
    await archiveBatch({ put, allowsNonPositive: () => false, now: host.now }, Records)
    return { batchItemFailures: [] }
  }
}
