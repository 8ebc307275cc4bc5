import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import * as z from 'zod'

import { limitedHttp } from '../shared/runtime/limited-http.ts'
import type { Outcome } from './evolve-job.ts'
import { taskPlaceSchema } from './job.ts'
import type { JobTask } from './tasks.ts'

/** Longer than a call of the rebuilder may take. */
const TIMEOUT_MS = 13 * 60_000

/** Calls the rebuilder and waits until it has ended; rejects when it cannot be called. */
export function createRebuilderCall(functionName: string): (task: JobTask) => Promise<Outcome> {
  // A second call beside one of which the answer was lost would change nothing, but take as long.
  const client = new LambdaClient({
    requestHandler: limitedHttp({ requestMs: TIMEOUT_MS }),
    maxAttempts: 1,
  })
  return async (task) => {
    const { Payload, FunctionError } = await client.send(
      new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(task) }),
    )
    const answer: unknown = JSON.parse(Buffer.from(Payload ?? []).toString())
    return FunctionError === undefined ? answered(answer) : outcomeOf(answer, FunctionError, task)
  }
}

const answerSchema = z.object({ place: taskPlaceSchema.optional() }).catchall(z.int())

/** What an answer of the rebuilder says: how many minutes or bars came to what, and where it goes on if it was not done. */
export function answered(answer: unknown): Outcome {
  const { place, ...counts } = answerSchema.parse(answer)
  return place === undefined ? { type: 'done', counts } : { type: 'part', counts, place }
}

const faultSchema = z.object({ errorType: z.string().optional(), errorMessage: z.string() })

/**
 * What an error of a function comes to: one that was killed or took too long may be tried again. So may an export, which goes
 * on behind its last part, unless the request itself is wrong.
 */
export function outcomeOf(answer: unknown, functionError: string, task: JobTask): Outcome {
  const { errorType = '', errorMessage } = faultSchema.safeParse(answer).data ?? {
    errorMessage: functionError,
  }
  const isExport = 'type' in task && task.type === 'export'
  const mayPass = isExport ? !OF_REQUEST.has(errorType) : wasEnded({ errorType, errorMessage })
  return { type: mayPass ? 'lost' : 'failed', reason: errorMessage }
}

/** A request that is refused: by what has read it, by what would write its rows, or for what it comes to. */
const OF_REQUEST = new Set(['ZodError', 'BadRequestError', 'ExportTooLarge'])

/** Whether Lambda has ended the function; not every runtime gives a time-out a type. */
function wasEnded({ errorType, errorMessage }: { errorType: string; errorMessage: string }): boolean {
  if (errorType === '') return errorMessage.includes('Task timed out after')
  return errorType.startsWith('Runtime.') || errorType.startsWith('Sandbox.')
}
