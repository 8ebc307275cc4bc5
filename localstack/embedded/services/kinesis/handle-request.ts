import { parsedBody } from '../../http/checked-input.ts'
import type { Action, ActionContext } from './action.ts'
import { KinesisError, type KinesisErrorType } from './errors.ts'
import { putActions } from './put-actions.ts'
import { readActions } from './read-actions.ts'
import { shardActions } from './shard-actions.ts'
import { streamActions } from './stream-actions.ts'
import type { StreamStore } from './stream-store.ts'

/** The prefix of the `X-Amz-Target` header of every Kinesis request. */
const kinesisTarget = 'Kinesis_20131202.'

const actions = new Map<string, Action>(
  Object.entries({ ...streamActions, ...shardActions, ...putActions, ...readActions }),
)

/**
 * Answers one request of the Kinesis JSON 1.1 protocol. `target` is the `X-Amz-Target` header.
 * Never throws: what goes wrong is an answer with `__type`.
 */
export function handleKinesisRequest(
  store: StreamStore,
  target: string,
  request: { readonly body: string } & Partial<Pick<ActionContext, 'throttle'>>,
): { readonly status: number; readonly body: string } {
  try {
    const { body, throttle = () => false } = request
    const answer = actionOf(target)({ store, throttle }, parsedBody(body, malformed))
    return { status: 200, body: answer === undefined ? '' : JSON.stringify(answer) }
  } catch (error) {
    return toErrorAnswer(error)
  }
}

function malformed(message: string): Error {
  return new KinesisError('SerializationException', message)
}

function actionOf(target: string): Action {
  const name = target.startsWith(kinesisTarget) ? target.slice(kinesisTarget.length) : target
  const found = target.startsWith(kinesisTarget) ? actions.get(name) : undefined
  if (found) return found
  throw new KinesisError(
    'UnknownOperationException',
    `The embedded Kinesis does not support the operation ${name || '(no X-Amz-Target header)'}. ` +
      `Supported: ${[...actions.keys()].join(', ')}.`,
  )
}

function toErrorAnswer(error: unknown) {
  if (error instanceof KinesisError) return errorAnswer(400, error.type, error.message)
  return errorAnswer(500, 'InternalFailure', error instanceof Error ? error.message : String(error))
}

function errorAnswer(status: number, type: KinesisErrorType, message: string) {
  return {
    status,
    body: JSON.stringify({ __type: type, message }),
  }
}
