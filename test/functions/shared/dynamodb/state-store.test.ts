import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'

import { createStateStore } from '../../../../functions/shared/dynamodb/state-store.ts'
import { createMemoryStateStore } from '../../../support/memory-state-store.ts'
import { describeStateStore, sampleCodec } from './state-store.contract.ts'

describe('the state store in memory', () => {
  describeStateStore(async () => createMemoryStateStore(sampleCodec))
})

/** A client whose requests end in a list, each with an empty answer. */
function clientInto(inputs: unknown[]): DynamoDBClient {
  const client = new DynamoDBClient({ region: 'us-east-1' })
  client.middlewareStack.add(
    () => async (request) => {
      inputs.push(request.input)
      return { response: {}, output: { $metadata: {} } }
    },
    { step: 'initialize' },
  )
  return client
}

// What a server in memory cannot show: its reads are consistent anyway.
describe('the state store over DynamoDB', () => {
  it('reads consistently: a state is not to be older than the bars that left with it', async () => {
    const inputs: unknown[] = []
    const store = createStateStore(clientInto(inputs), 'states', sampleCodec)
    await store.load(['A'])
    for await (const each of store.pending()) expect(each).toBeUndefined()
    expect(inputs).toEqual([
      { RequestItems: { states: { Keys: [{ symbol: { S: 'A' } }], ConsistentRead: true } } },
      expect.objectContaining({ TableName: 'states', ConsistentRead: true }),
    ])
  })
})
