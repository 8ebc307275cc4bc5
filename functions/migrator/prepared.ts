import { respond } from './custom-resource.ts'
import { parseEvent } from './events.ts'

type Handler<Result> = (event: unknown) => Promise<Result>

/**
 * A handler that is prepared at its first event instead of at import: a failure is then reported to CloudFormation, which
 * would otherwise wait for an answer until its time-out.
 */
export function preparedAtFirstEvent<Result>(prepare: () => Handler<Result>): Handler<Result | void> {
  let prepared: Handler<Result> | undefined
  return async (event) => {
    try {
      prepared ??= prepare()
    } catch (error) {
      const parsed = parseEvent(event)
      if (parsed.type !== 'custom-resource') throw error
      const reason = `the migrator cannot start: ${error instanceof Error ? error.message : String(error)}`
      const { request } = parsed
      // Nothing is deleted with the resource, so that never fails.
      if (request.RequestType === 'Delete') return await respond(request, { status: 'SUCCESS', data: {} })
      return await respond(request, { status: 'FAILED', reason })
    }
    return await prepared(event)
  }
}
