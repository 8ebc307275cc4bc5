import {
  type AttributeValue,
  BatchExecuteStatementCommand,
  type BatchStatementError,
  type BatchStatementRequest,
  type BatchStatementResponse,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb'

import type { PutResult } from './conditional-put.ts'

/** DynamoDB's limit. */
const MOST_STATEMENTS = 25
const MOST_ATTEMPTS = 8

/** One write of one item by a PartiQL statement, which names the whole key. */
export type Write = Required<Pick<BatchStatementRequest, 'Statement' | 'Parameters'>> & {
  /** Tells items apart: a batch must not write one twice. */
  readonly key: string
}

/** One statement was refused, for another reason than its condition. */
export class StatementError extends Error {
  override readonly name = 'StatementError'
}

type Waiting = {
  readonly write: Write
  readonly settle: (result: PutResult) => void
  readonly fail: (reason: unknown) => void
}

/**
 * Lets writes that are asked for at the same time share requests: a request costs more than the writes in it, here and on
 * AWS. Each write succeeds or fails by itself; an error of a request fails all of its writes, of which some may have been made.
 */
export function batchedWrites(client: DynamoDBClient): (write: Write) => Promise<PutResult> {
  let waiting: Waiting[] = []
  const send = (): void => {
    const batches = batchesOf(waiting)
    waiting = []
    for (const batch of batches) void sendBatch(client, batch)
  }
  return (write) =>
    new Promise((settle, fail) => {
      if (waiting.length === 0) queueMicrotask(send)
      waiting.push({ write, settle, fail })
    })
}

/** Batches of different items. */
function batchesOf(all: readonly Waiting[]): readonly (readonly Waiting[])[] {
  const batches: Map<string, Waiting>[] = []
  for (const each of all) {
    const { key } = each.write
    const last = batches.at(-1)
    if (last === undefined || last.size === MOST_STATEMENTS || last.has(key))
      batches.push(new Map([[key, each]]))
    else last.set(key, each)
  }
  return batches.map((batch) => [...batch.values()])
}

/** Sends a batch, and again those of it that were throttled. Settles each write, and never rejects. */
async function sendBatch(client: DynamoDBClient, batch: readonly Waiting[]): Promise<void> {
  let left = batch
  try {
    for (let attempt = 1; left.length > 0; attempt++) {
      const { Responses: responses = [] } = await client.send(
        new BatchExecuteStatementCommand({
          Statements: left.map(({ write: { Statement, Parameters } }) => ({
            Statement,
            Parameters,
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          })),
        }),
      )
      const isLast = attempt === MOST_ATTEMPTS
      left = left.filter((each, index) => !isSettled(each, responses[index], { isLast }))
      if (left.length > 0) await new Promise((resolve) => setTimeout(resolve, 20 * 2 ** attempt))
    }
  } catch (error) {
    for (const { fail } of left) fail(error)
  }
}

/** What may succeed when it is sent again. */
const PASSING: ReadonlySet<string> = new Set([
  'InternalServerError',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'ThrottlingError',
  'TransactionConflict',
])

/** Settles a write by its response; false where it is to be sent again. */
function isSettled(
  { settle, fail }: Waiting,
  response: BatchStatementResponse | undefined,
  { isLast }: { readonly isLast: boolean },
): boolean {
  const error = response === undefined ? UNANSWERED : response.Error
  const { Code: code = '', Item: item } = error ?? {}
  if (error === undefined) settle({ type: 'committed' })
  else if (code === 'ConditionalCheckFailed' || code === 'DuplicateItem') settle({ type: 'conflict', item })
  else if (PASSING.has(code) && !isLast) return false
  else fail(new StatementError(`DynamoDB refused a write (${code}): ${error.Message ?? 'no reason given'}`))
  return true
}

const UNANSWERED: BatchStatementError = {
  Code: 'InternalServerError',
  Message: 'the answer has fewer responses than the request had statements',
}

type Attributes = Readonly<Record<string, AttributeValue>>

/** An INSERT: fails where the item exists. */
export function insertOf(table: string, item: Attributes): Omit<Write, 'key'> {
  const names = Object.keys(item)
  return {
    Statement: `INSERT INTO "${table}" VALUE {${names.map((name) => `'${name}': ?`).join(', ')}}`,
    Parameters: Object.values(item),
  }
}

/** An UPDATE of attributes where others have the given values, the key among them; an attribute that is undefined is removed. */
export function updateOf(
  table: string,
  attributes: Readonly<Record<string, AttributeValue | undefined>>,
  where: Attributes,
): Omit<Write, 'key'> {
  const set = Object.entries(attributes).flatMap(([name, value]) => (value ? [[name, value] as const] : []))
  const removed = Object.keys(attributes).filter((name) => attributes[name] === undefined)
  const conditions = Object.entries(where)
  return {
    Statement: [
      `UPDATE "${table}"`,
      ...set.map(([name]) => `SET "${name}" = ?`),
      ...removed.map((name) => `REMOVE "${name}"`),
      `WHERE ${conditions.map(([name]) => `"${name}" = ?`).join(' AND ')}`,
    ].join(' '),
    Parameters: [...set, ...conditions].map(([, value]) => value),
  }
}
