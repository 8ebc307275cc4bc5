import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'

/** The result of a conditional put. Rejects when the put failed for another reason than its condition. */
export async function conditionalPut(write: Promise<unknown>): Promise<'committed' | 'conflict'> {
  try {
    await write
    return 'committed'
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'conflict'
    throw error
  }
}
