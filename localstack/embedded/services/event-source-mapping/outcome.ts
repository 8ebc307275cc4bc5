import * as z from 'zod'
import type { StoredRecord } from '../kinesis/stream-reader.ts'
import type { InvocationResult } from '../lambda/invocation.ts'

/** What an invocation did with a batch; `index` is that of the first record that was not handled. */
export type Outcome =
  | { readonly type: 'success' }
  | { readonly type: 'failure' }
  | { readonly type: 'partial'; readonly index: number }

const response = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() })
  .nullish()

/**
 * Reads the outcome from an invocation, as AWS documents it for `ReportBatchItemFailures`: nothing or an
 * empty list is success, several identifiers mean the lowest one, and anything else fails the whole batch.
 */
export function outcomeOf(
  result: InvocationResult,
  records: readonly StoredRecord[],
  options: { readonly reportsItemFailures: boolean },
): Outcome {
  if (result.type === 'error') return { type: 'failure' }
  if (!options.reportsItemFailures || result.payload === '') return { type: 'success' }
  const parsed = response.safeParse(result.payload)
  if (!parsed.success) return { type: 'failure' }
  const identifiers = parsed.data?.batchItemFailures?.map((failure) => failure.itemIdentifier) ?? []
  if (identifiers.length === 0) return { type: 'success' }
  const indexes = identifiers.map((identifier) =>
    records.findIndex((record) => record.sequenceNumber === identifier),
  )
  const index = Math.min(...indexes)
  return index <= 0 ? { type: 'failure' } : { type: 'partial', index }
}
