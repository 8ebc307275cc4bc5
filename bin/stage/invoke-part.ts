import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import * as z from 'zod'

import { nameOf } from '../../functions/shared/runtime/deployment-name.ts'
import { UsageError } from '../terminal/errors.ts'
import { clientOptions } from './client-options.ts'
import { deployedEnvironment } from './deployed-function.ts'
import type { DeployedStage } from './find-deployment.ts'

/** A call of the functions that this invokes takes a minute or two at the most. */
const TIMEOUT_MS = 5 * 60_000

const faultSchema = z.object({ errorMessage: z.string() })

/** Calls a function; resolves to its answer. */
export type Invoke = (event: unknown) => Promise<unknown>

/**
 * Calls of a part's function.
 *
 * @throws UsageError when no such function is deployed there, and, of a call, when the function fails
 */
export async function partInvoker(part: string, deployed: DeployedStage): Promise<Invoke> {
  await deployedEnvironment(part, deployed)
  return functionInvoker(`${nameOf(deployed)}-${part}`, deployed)
}

/**
 * Calls of a function by its name. Each rejects with a UsageError when there is no such function, or when it fails.
 *
 * @param options.missing what may be the reason why there is none
 * @param options.attempts to call it, where doing it twice does no harm. @default 1
 */
export function functionInvoker(
  FunctionName: string,
  { stage, environment }: Pick<DeployedStage, 'stage' | 'environment'>,
  {
    missing = `is stage ${stage} deployed there?`,
    attempts = 1,
  }: { readonly missing?: string; readonly attempts?: number } = {},
): Invoke {
  const options = clientOptions('LAMBDA', environment)
  const client = new LambdaClient({
    ...options,
    requestHandler: new NodeHttpHandler({ requestTimeout: TIMEOUT_MS }),
    maxAttempts: attempts,
  })
  return async (event) => {
    const command = new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) })
    const response = await client.send(command).catch((error: unknown) => {
      if (!(error instanceof Error && error.name === 'ResourceNotFoundException')) throw error
      throw new UsageError(`there is no function ${FunctionName} at ${options.endpoint ?? 'AWS'}; ${missing}`)
    })
    const answer: unknown = JSON.parse(Buffer.from(response.Payload ?? []).toString())
    if (response.FunctionError === undefined) return answer
    const said = faultSchema.safeParse(answer).data?.errorMessage ?? response.FunctionError
    throw new UsageError(`${FunctionName} failed: ${said}`)
  }
}
