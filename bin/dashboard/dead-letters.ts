import {
  discardDeadLetter as discard,
  listDeadLetters as list,
  MayBeAppliedError,
  NoDeadLetterError,
  redriveDeadLetter as redrive,
} from '../../functions/shared/dead-letters/settle.ts'
import { problem, RefusedError } from './answer.ts'
import type { Backend } from './backend.ts'

/** The newest dead letters, the newest first. */
export function listDeadLetters(backend: Backend, limit: number): ReturnType<typeof list> {
  return backend.withDeadLetters(async ({ bucket }) => await list(bucket, limit))
}

/**
 * Puts the records of an object back on their stream, and deletes it.
 *
 * @throws RefusedError when there is no such object, it cannot be read, or some of it may have been applied
 */
export async function redriveDeadLetter(backend: Backend, key: string): Promise<void> {
  await backend.withDeadLetters(async (parts) => {
    await redrive(parts, key).catch(refuse)
    backend.actions.record(`dead letter redriven: ${key}`)
  })
}

/**
 * Deletes an object.
 *
 * @throws RefusedError when there is no such object
 */
export async function discardDeadLetter(backend: Backend, key: string): Promise<void> {
  await backend.withDeadLetters(async ({ bucket }) => {
    await discard(bucket, key).catch(refuse)
    backend.actions.record(`dead letter discarded: ${key}`)
  })
}

function refuse(error: unknown): never {
  if (error instanceof NoDeadLetterError)
    throw new RefusedError(
      problem(404, 'no-dead-letter', { title: 'There is no such dead letter', detail: error.message }),
    )
  if (error instanceof MayBeAppliedError)
    throw new RefusedError(
      problem(409, 'may-be-applied', { title: 'Some of it may have been applied', detail: error.message }),
    )
  throw error
}
