import { afterAll, beforeAll, describe } from 'vitest'

import { createStateStore } from '../../../../functions/shared/dynamodb/state-store.ts'
import { startTestDynamodb, type TestDynamodb } from '../../../support/test-dynamodb.ts'
import { describeStateStore, sampleCodec } from './state-store.contract.ts'

let dynamodb: TestDynamodb

beforeAll(async () => {
  dynamodb = await startTestDynamodb()
})

afterAll(() => dynamodb.remove())

describe('the state store over DynamoDB', () => {
  describeStateStore(async () =>
    createStateStore(dynamodb.client, await dynamodb.createTable('symbol'), sampleCodec),
  )
})
