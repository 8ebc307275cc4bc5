import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createConnectionItems } from '../../../functions/broadcaster/connection-items.ts'
import {
  type ConnectionStore,
  createConnectionStore,
} from '../../../functions/broadcaster/connection-store.ts'
import { createSubscriberIndex } from '../../../functions/broadcaster/subscriber-index.ts'
import {
  MAX_SYMBOLS,
  NO_SUBSCRIPTIONS,
  RECORD_TYPES,
  subscribe,
} from '../../../functions/broadcaster/subscriptions.ts'
import { startTestDynamodb, type TestDynamodb } from '../../support/test-dynamodb.ts'
import { describeConnectionStore } from './connection-store.contract.ts'

let dynamodb: TestDynamodb

beforeAll(async () => {
  dynamodb = await startTestDynamodb()
})

afterAll(() => dynamodb.remove())

const openStore = async (client = dynamodb.client): Promise<{ store: ConnectionStore; table: string }> => {
  const [table, index] = [
    await dynamodb.createTable('connectionId'),
    await dynamodb.createTable('topic', 'connectionId'),
  ]
  return {
    store: createConnectionStore(createConnectionItems(client, table), createSubscriberIndex(client, index)),
    table,
  }
}

describe('the connections in DynamoDB', () => {
  describeConnectionStore(async () => (await openStore()).store)

  it('are all there when they are more than a page of a scan, which is a megabyte', async () => {
    const items = createConnectionItems(dynamodb.client, await dynamodb.createTable('connectionId'))
    const symbols = Array.from({ length: MAX_SYMBOLS }, (_, index) => String(index).padStart(64, 'S'))
    const subscriptions = subscribe(NO_SUBSCRIPTIONS, { symbols, types: RECORD_TYPES })
    for (let index = 0; index < 40; index++) {
      await items.add(`C${index}`, { expiresAt: 1 })
      for (const connection of await items.load([`C${index}`])) await items.commit(connection, subscriptions)
    }
    const all = await items.all()
    expect(all).toHaveLength(40)
    expect(all.every((each) => each.subscriptions.patterns.size === MAX_SYMBOLS)).toBe(true)
  })

  it('are to end where older code has indexed live ticks without their symbols', async () => {
    const { store, table } = await openStore()
    const item = { connectionId: { S: 'A' }, version: { N: '7' }, expiresAt: { N: '1' } }
    const older = { ...item, indexedVersion: { N: '7' } }
    for (const [text, state] of [
      ['[[["bar"],["AAPL"]]]', 'open'],
      ['[[["ticks"],["AAPL"]]]', 'to-end'],
    ] as const) {
      const Item = { ...older, subscriptions: { S: text } }
      await dynamodb.client.send(new PutItemCommand({ TableName: table, Item }))
      expect(await store.load('A')).toMatchObject({ state })
    }
  })

  it('are to end where other code wrote what they want', async () => {
    const { store, table } = await openStore()
    const item = { connectionId: { S: 'A' }, version: { N: '7' }, expiresAt: { N: '1' } }
    // The last one can be read, but the code that wrote it keeps no index.
    for (const text of ['', '{"AAPL":true}', '[[["trades"],["AAPL"]]]', '[[["bar"],["AAPL"]]]']) {
      await dynamodb.client.send(
        new PutItemCommand({ TableName: table, Item: { ...item, subscriptions: { S: text } } }),
      )
      expect(await store.load('A')).toMatchObject({
        version: 7,
        state: 'to-end',
      })
    }
  })
})
