import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import * as z from 'zod'

import { UsageError } from '../terminal/errors.ts'
import { clientOptions } from './client-options.ts'
import { deployedEnvironment } from './deployed-function.ts'
import type { DeployedStage } from './find-deployment.ts'

/** A call of the functions that this invokes takes a minute or two at the most. */
const TIMEOUT_MS = 5 * 60_000

const faultSchema = z.object({ errorMessage: z.string() })

/**
 * Calls of a part's function; each resolves to its answer.
 *
 * @throws UsageError when no such function is deployed there, and, of a call, when the function fails
 */
export async function partInvoker(
  part: string,
  deployed: DeployedStage,
): Promise<(event: unknown) => Promise<unknown>> {
  await deployedEnvironment(part, deployed)
  const FunctionName = `tickstock-${deployed.stage}-${part}`
  const client = new LambdaClient({
    ...clientOptions('LAMBDA', deployed.environment),
    requestHandler: new NodeHttpHandler({ requestTimeout: TIMEOUT_MS }),
    maxAttempts: 1,
  })
  return async (event) => {
    const response = await client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }))
    const answer: unknown = JSON.parse(Buffer.from(response.Payload ?? []).toString())
    if (response.FunctionError === undefined) return answer
    const said = faultSchema.safeParse(answer).data?.errorMessage ?? response.FunctionError
    throw new UsageError(`${FunctionName} failed: ${said}`)
  }
}
