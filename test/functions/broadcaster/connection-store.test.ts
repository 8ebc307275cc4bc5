import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'

import { createConnectionItems } from '../../../functions/broadcaster/connection-items.ts'
import { createSubscriberIndex } from '../../../functions/broadcaster/subscriber-index.ts'
import { createMemoryConnectionStore } from '../../support/memory-connection-store.ts'
import { describeConnectionStore } from './connection-store.contract.ts'

describe('the connections in memory', () => {
  describeConnectionStore(async () => createMemoryConnectionStore())
})

// What a server in memory cannot show: its reads are consistent anyway.
describe('the connections in DynamoDB', () => {
  it('are read consistently: who was told that it is subscribed gets the next bar', async () => {
    const inputs: unknown[] = []
    const client = new DynamoDBClient({ region: 'us-east-1' })
    client.middlewareStack.add(
      () => async (request) => {
        inputs.push(request.input)
        return { response: {}, output: { $metadata: {} } }
      },
      { step: 'initialize' },
    )
    const items = createConnectionItems(client, 'connections')
    await items.load(['A'])
    await items.load(['A', 'B'])
    await items.all()
    await items.few(10)
    await createSubscriberIndex(client, 'subscribers').entries('AAPL')
    await createSubscriberIndex(client, 'subscribers').few('AAPL', 10)
    const ofItems = { TableName: 'connections', ConsistentRead: true }
    const keys = ['A', 'B'].map((id) => ({ connectionId: { S: id } }))
    expect(inputs).toEqual([
      { ...ofItems, Key: keys[0] },
      { RequestItems: { connections: { Keys: keys, ConsistentRead: true } } },
      expect.objectContaining(ofItems),
      expect.objectContaining({ ...ofItems, Limit: 10 }),
      expect.objectContaining({ TableName: 'subscribers', ConsistentRead: true }),
      expect.objectContaining({ TableName: 'subscribers', ConsistentRead: true, Limit: 10 }),
    ])
  })
})
