import { type AttributeValue, ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'

/** What a write under a condition came to; a conflict with the item that is there, where the request asked for it. */
export type PutResult =
  | { readonly type: 'committed' }
  | { readonly type: 'conflict'; readonly item: Record<string, AttributeValue> | undefined }

/** Awaits a write under a condition; rejects when it failed for another reason. */
export async function conditionalPut(write: Promise<unknown>): Promise<PutResult> {
  try {
    await write
    return { type: 'committed' }
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return { type: 'conflict', item: error.Item }
    throw error
  }
}
