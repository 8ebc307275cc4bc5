import type { KinesisStreamBatchResponse } from 'aws-lambda'

/** What Lambda is told of a batch: the first record that is not handled, and all behind it, are to come again. */
export function partialBatchResponse({
  firstFailure,
}: {
  readonly firstFailure: { readonly sequenceNumber: string } | undefined
}): KinesisStreamBatchResponse {
  if (firstFailure === undefined) return { batchItemFailures: [] }
  return { batchItemFailures: [{ itemIdentifier: firstFailure.sequenceNumber }] }
}
