import { DynamoDBClient, paginateScan, ResourceNotFoundException } from '@aws-sdk/client-dynamodb'

import type { MinuteState } from '../../../functions/domain/minute-state.ts'
import { minuteStateCodec } from '../../../functions/minute-state/store.ts'
import { clientOptions } from '../client-options.ts'
import { UsageError } from '../../terminal/errors.ts'

/**
 * The minute state of every symbol.
 *
 * @throws UsageError when there is no such table
 */
export async function readStates(stage: string): Promise<Map<string, MinuteState>> {
  const options = clientOptions('DYNAMODB')
  const client = new DynamoDBClient(options)
  const TableName = `tickstock-${stage}-minute-state`
  const states = new Map<string, MinuteState>()
  try {
    for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true }))
      for (const item of Items) states.set(item['symbol']?.S ?? '', minuteStateCodec.decode(item))
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error
    throw new UsageError(
      `there is no table ${TableName} at ${options.endpoint ?? 'AWS'}; is stage ${stage} deployed there?`,
    )
  }
  return states
}
