import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'

import type { SymbolState } from '../../functions/domain/symbol-state.ts'
import { minuteStateCodec } from '../../functions/shared/minute-state-store.ts'
import { clientOptions } from '../local/client-options.ts'

/** The minute state of every symbol. */
export async function readStates(stage: string): Promise<Map<string, SymbolState>> {
  const client = new DynamoDBClient(clientOptions('DYNAMODB'))
  const TableName = `tickstock-${stage}-minute-state`
  const states = new Map<string, SymbolState>()
  for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true }))
    for (const item of Items) states.set(item['symbol']?.S ?? '', minuteStateCodec.decode(item))
  return states
}
