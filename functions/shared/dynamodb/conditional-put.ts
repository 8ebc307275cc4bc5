import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'

/** What a write under a condition came to; it rejects when it failed for another reason. */
export async function conditionalPut(write: Promise<unknown>): Promise<'committed' | 'conflict'> {
  try {
    await write
    return 'committed'
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'conflict'
    throw error
  }
}
