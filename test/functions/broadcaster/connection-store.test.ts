import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'

import { createConnectionStore } from '../../../functions/broadcaster/connection-store.ts'
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
    const store = createConnectionStore(client, 'connections')
    await store.load('A')
    await store.all()
    expect(inputs).toEqual([
      { TableName: 'connections', Key: { connectionId: { S: 'A' } }, ConsistentRead: true },
      expect.objectContaining({ TableName: 'connections', ConsistentRead: true }),
    ])
  })
})
