import { type BatchStatementResponse, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { describe, expect, it, vi } from 'vitest'
import * as z from 'zod'

import {
  batchedWrites,
  insertOf,
  StatementError,
  updateOf,
} from '../../../../functions/shared/dynamodb/batched-writes.ts'

const inputSchema = z.object({
  Statements: z.array(z.object({ Parameters: z.tuple([z.object({ S: z.string() })]) })),
})

type Answer = (batch: readonly string[], request: number) => readonly BatchStatementResponse[] | Error

/** Writes into a client that answers for DynamoDB, and the keys of each request. */
function writing(answer: Answer = (batch) => batch.map(() => ({}))) {
  const requests: string[][] = []
  const client = new DynamoDBClient({ region: 'us-east-1' })
  client.middlewareStack.add(
    () => async (request) => {
      const { Statements } = inputSchema.parse(request.input)
      const keys = Statements.map(({ Parameters: [key] }) => key.S)
      requests.push(keys)
      const answered = answer(keys, requests.length)
      if (answered instanceof Error) throw answered
      return { response: {}, output: { $metadata: {}, Responses: [...answered] } }
    },
    { step: 'initialize' },
  )
  const write = batchedWrites(client)
  return { requests, write: (key: string) => write({ key, ...insertOf('states', { symbol: { S: key } }) }) }
}

const keys = (count: number) => Array.from({ length: count }, (_, index) => `S${index}`)

describe('writes that are asked for at the same time', () => {
  it('share requests of at most 25', async () => {
    const { requests, write } = writing()
    const results = await Promise.all(keys(60).map(write))
    expect(results).toEqual(keys(60).map(() => ({ type: 'committed' })))
    expect(requests.map(({ length }) => length)).toEqual([25, 25, 10])
    expect(requests.flat()).toEqual(keys(60))
  })

  it('write an item once in a request', async () => {
    const { requests, write } = writing()
    await Promise.all(['A', 'B', 'A', 'C', 'A'].map(write))
    expect(requests).toEqual([['A', 'B'], ['A', 'C'], ['A']])
  })

  it('succeed and fail each by itself', async () => {
    const item = { symbol: { S: 'S1' } }
    const { write } = writing(() => [
      {},
      { Error: { Code: 'ConditionalCheckFailed', Item: item } },
      { Error: { Code: 'DuplicateItem' } },
      { Error: { Code: 'AccessDenied', Message: 'not yours' } },
    ])
    const results = await Promise.allSettled(keys(5).map(write))
    expect(results.slice(0, 3)).toEqual([
      { status: 'fulfilled', value: { type: 'committed' } },
      { status: 'fulfilled', value: { type: 'conflict', item } },
      { status: 'fulfilled', value: { type: 'conflict', item: undefined } },
    ])
    expect(results[3]).toMatchObject({
      reason: new StatementError('DynamoDB refused a write (AccessDenied): not yours'),
    })
  })

  it('fail together where a request fails', async () => {
    const refused = new Error('no connection')
    const { write } = writing((_, request) => (request === 1 ? refused : []))
    const results = await Promise.allSettled(keys(3).map(write))
    expect(results).toEqual(keys(3).map(() => ({ status: 'rejected', reason: refused })))
  })

  it('are sent again, those that are throttled, until they are answered', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const { requests, write } = writing((batch, request) =>
      batch.map((_, index) => (index > 0 && request < 4 ? { Error: { Code: 'ThrottlingError' } } : {})),
    )
    const [results] = await Promise.all([
      Promise.all(keys(4).map(write)),
      vi.advanceTimersByTimeAsync(60_000),
    ])
    expect(results).toEqual(keys(4).map(() => ({ type: 'committed' })))
    expect(requests).toEqual([keys(4), ['S1', 'S2', 'S3'], ['S2', 'S3'], ['S3']])
    vi.useRealTimers()
  })

  it('fail where they are throttled at each attempt', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const { requests, write } = writing((batch) => batch.map(() => ({ Error: { Code: 'ThrottlingError' } })))
    const [result] = await Promise.all([
      Promise.allSettled([write('S0')]),
      vi.advanceTimersByTimeAsync(60_000),
    ])
    expect(result).toMatchObject([
      { reason: { message: 'DynamoDB refused a write (ThrottlingError): no reason given' } },
    ])
    expect(requests).toHaveLength(8)
    vi.useRealTimers()
  })
})

describe('an update', () => {
  it('removes attributes that are undefined', () => {
    expect(
      updateOf(
        'states',
        { version: { N: '2' }, state: { S: 'x' }, pending: undefined },
        { symbol: { S: 'A' }, version: { N: '1' } },
      ),
    ).toEqual({
      Statement:
        'UPDATE "states" SET "version" = ? SET "state" = ? REMOVE "pending" WHERE "symbol" = ? AND "version" = ?',
      Parameters: [{ N: '2' }, { S: 'x' }, { S: 'A' }, { N: '1' }],
    })
  })
})
