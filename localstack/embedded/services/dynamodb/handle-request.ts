import { parsedBody } from '../../http/checked-input.ts'
import { type Action, type ActionContext } from './actions/action.ts'
import { batchActions } from './actions/batch-actions.ts'
import { itemActions } from './actions/item-actions.ts'
import { readActions } from './actions/read-actions.ts'
import { statementActions } from './actions/statement-actions.ts'
import { tableActions } from './actions/table-actions.ts'
import { transactionActions } from './actions/transaction-actions.ts'
import { DynamodbError, throttled } from './errors.ts'

/** The prefix of the `X-Amz-Target` header of every request. */
export const dynamodbTarget = 'DynamoDB_20120810'

const actions = new Map<string, Action>(
  Object.entries({
    ...tableActions,
    ...itemActions,
    ...readActions,
    ...batchActions,
    ...transactionActions,
    ...statementActions,
  }),
)

/**
 * Answers one request of the DynamoDB JSON 1.0 protocol. `target` is the `X-Amz-Target` header.
 * Never throws: what goes wrong is an answer with `__type`.
 */
export function handleDynamodbRequest(
  context: ActionContext,
  target: string,
  body: string,
): { readonly status: number; readonly body: string } {
  try {
    const run = actionOf(target)
    if (!inParts.test(target) && context.throttles()) throw throttled()
    return { status: 200, body: JSON.stringify(run(context, parsedBody(body, malformed))) }
  } catch (error) {
    return errorAnswer(error)
  }
}

/** Throttled key by key, or statement by statement. */
const inParts = /\.Batch(GetItem|ExecuteStatement)$/

function malformed(message: string): Error {
  return new DynamodbError('SerializationException', message)
}

function actionOf(target: string): Action {
  const prefix = `${dynamodbTarget}.`
  const name = target.startsWith(prefix) ? target.slice(prefix.length) : ''
  const found = actions.get(name)
  if (found) return found
  throw new DynamodbError(
    'UnknownOperationException',
    `The embedded DynamoDB does not support the operation ${name || target || '(no X-Amz-Target header)'}. ` +
      `Supported: ${[...actions.keys()].toSorted().join(', ')}.`,
  )
}

function errorAnswer(error: unknown) {
  if (!(error instanceof DynamodbError)) {
    const message = error instanceof Error ? error.message : String(error)
    return { status: 500, body: JSON.stringify({ __type: 'InternalServerError', message }) }
  }
  const { type, message, details } = error
  return {
    status: type === 'InternalServerError' ? 500 : 400,
    body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message, ...details }),
  }
}
