import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createConnectionStore } from '../../../functions/broadcaster/connection-store.ts'
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

const createTable = (): Promise<string> => dynamodb.createTable('connectionId')

describe('the connections in DynamoDB', () => {
  describeConnectionStore(async () => createConnectionStore(dynamodb.client, await createTable()))

  it('are all there when they are more than a page of a scan, which is a megabyte', async () => {
    const store = createConnectionStore(dynamodb.client, await createTable())
    const symbols = Array.from({ length: MAX_SYMBOLS }, (_, index) => String(index).padStart(64, 'S'))
    const subscriptions = subscribe(NO_SUBSCRIPTIONS, { symbols, types: RECORD_TYPES })
    for (let index = 0; index < 40; index++) {
      await store.add(`C${index}`, { expiresAt: 1 })
      const connection = await store.load(`C${index}`)
      if (connection !== undefined) await store.commit(connection, subscriptions)
    }
    const all = await store.all()
    expect(all).toHaveLength(40)
    expect(all.every((each) => each.subscriptions.patterns.size === MAX_SYMBOLS)).toBe(true)
  })

  it('are to end where other code wrote what they want', async () => {
    const table = await createTable()
    const item = { connectionId: { S: 'A' }, version: { N: '7' }, expiresAt: { N: '1' } }
    for (const text of ['', '{"AAPL":true}', '[[["trades"],["AAPL"]]]']) {
      await dynamodb.client.send(
        new PutItemCommand({ TableName: table, Item: { ...item, subscriptions: { S: text } } }),
      )
      expect(await createConnectionStore(dynamodb.client, table).load('A')).toMatchObject({
        version: 7,
        state: 'to-end',
      })
    }
  })
})
