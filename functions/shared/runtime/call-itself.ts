import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'

import { LIMITS, limitedHttp } from './limited-http.ts'

/**
 * Calls a function without waiting for it: itself, whose schedule does the same within a minute where that fails.
 *
 * @param onFailure is told why it failed; the call does not reject
 */
export function createSelfCall(
  functionName: string,
  event: { readonly type: string },
  onFailure: (error: unknown) => void,
): () => Promise<void> {
  const lambda = new LambdaClient({ requestHandler: limitedHttp(LIMITS.lambda) })
  const Payload = JSON.stringify(event)
  return async () => {
    try {
      await lambda.send(new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload }))
    } catch (error) {
      onFailure(error)
    }
  }
}
