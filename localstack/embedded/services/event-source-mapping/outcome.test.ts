import { expect, test } from 'vitest'
import { outcomeOf } from './outcome.ts'
import { storedRecords } from './stored-records.ts'

const records = storedRecords(4)
function id(index: number) {
  return { itemIdentifier: records[index]?.sequenceNumber }
}
function outcome(payload: unknown, reportsItemFailures = true) {
  return outcomeOf({ type: 'success', requestId: 'r', payload }, records, { reportsItemFailures })
}

test.each([
  ['null', null],
  ['nothing', undefined],
  ['an empty response', {}],
  ['a null list', { batchItemFailures: null }],
  ['an empty list', { batchItemFailures: [] }],
])('%s is success', (_, payload) => {
  expect(outcome(payload)).toEqual({ type: 'success' })
})

test.each([
  ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }],
  ['a null identifier', { batchItemFailures: [{ itemIdentifier: null }] }],
  ['a bad key name', { batchItemFailures: [{ itemId: '1' }] }],
  ['an identifier that is not in the batch', { batchItemFailures: [id(2), { itemIdentifier: '49' }] }],
  ['a list that is none', { batchItemFailures: 'all' }],
  ['text', 'done'],
  ['the first record', { batchItemFailures: [id(0)] }],
])('%s fails the whole batch', (_, payload) => {
  expect(outcome(payload)).toEqual({ type: 'failure' })
})

test('the lowest of several identifiers counts', () => {
  expect(outcome({ batchItemFailures: [id(3), id(1), id(2)] })).toEqual({ type: 'partial', index: 1 })
})

test('a response means nothing unless failures are reported', () => {
  expect(outcome({ batchItemFailures: [id(1)] }, false)).toEqual({ type: 'success' })
})

test('an error fails the whole batch', () => {
  const error = { errorType: 'Error', errorMessage: 'no' }
  const result = outcomeOf({ type: 'error', requestId: 'r', error }, records, { reportsItemFailures: true })
  expect(result).toEqual({ type: 'failure' })
})
