import { DynamoDBClient, paginateScan, ResourceNotFoundException } from '@aws-sdk/client-dynamodb'

import { nameOf } from '../../../functions/shared/runtime/deployment-name.ts'
import type { MinuteState } from '../../../functions/domain/minute-state.ts'
import { minuteStateCodec } from '../../../functions/minute-state/store.ts'
import { UsageError } from '../../terminal/errors.ts'
import { clientOptions } from '../client-options.ts'
import type { DeployedStage } from '../find-deployment.ts'

/**
 * The minute state of every symbol.
 *
 * @throws UsageError when there is no such table
 */
export async function readStates({
  prefix,
  stage,
  environment,
  at,
}: DeployedStage): Promise<Map<string, MinuteState>> {
  const client = new DynamoDBClient(clientOptions('DYNAMODB', environment))
  const TableName = `${nameOf({ prefix, stage })}-minute-state`
  const states = new Map<string, MinuteState>()
  try {
    for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true }))
      for (const item of Items) states.set(item['symbol']?.S ?? '', minuteStateCodec.decode(item))
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error
    throw new UsageError(`there is no table ${TableName} at ${at}; is stage ${stage} deployed there?`)
  }
  return states
}
