import type { KinesisStreamBatchResponse } from 'aws-lambda'

/** Lambda's partial batch response: the first failed record and all records after it are redelivered. */
export function partialBatchResponse({
  firstFailure,
}: {
  readonly firstFailure: { readonly sequenceNumber: string } | undefined
}): KinesisStreamBatchResponse {
  if (firstFailure === undefined) return { batchItemFailures: [] }
  return { batchItemFailures: [{ itemIdentifier: firstFailure.sequenceNumber }] }
}
