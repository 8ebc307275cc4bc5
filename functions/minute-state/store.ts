import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'

import { isQuiet, type MinuteState } from '../domain/minute-state.ts'
import { decodeMinuteState, encodeMinuteState } from './codec.ts'
import { createStateStore, type StateCodec, type StateStore } from '../shared/dynamodb/state-store.ts'

/** Encodes the state of a symbol as attributes of its item. */
export const minuteStateCodec: StateCodec<MinuteState> = {
  attributes: ['state', 'keptFrom', 'pending', 'sequence'],
  encode: (state) => ({
    state: { S: encodeMinuteState(state) },
    // Not in the text: earlier versions decode its places by number.
    ...(state.keptFrom > 0 && { keptFrom: { N: String(state.keptFrom) } }),
    ...(isQuiet(state) ? {} : { pending: { N: '1' } }),
  }),
  decode: (item) =>
    decodeMinuteState(item['state']?.S ?? '', {
      keptFrom: Number(item['keptFrom']?.N ?? 0),
      sequenceNumber: item['sequence']?.S ?? '',
    }),
}

/** The table `minute-state`: one item per symbol. */
export function createMinuteStateStore(client: DynamoDBClient, table: string): StateStore<MinuteState> {
  return createStateStore(client, table, minuteStateCodec)
}
