import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import * as z from 'zod'

import { UsageError } from '../terminal/errors.ts'
import { clientOptions } from './client-options.ts'
import type { DeployedStage } from './find-deployment.ts'
import { printLine } from '../terminal/print.ts'

export type FlushOptions = {
  /** Name of the sweeper. @default that of the stage */
  readonly function?: string
}

const answer = z.object({ completed: z.int(), revised: z.int() })

/** Closes every open bar of a deployment. */
export async function flush({ stage, environment }: DeployedStage, options: FlushOptions): Promise<number> {
  const FunctionName = options.function ?? `tickstock-${stage}-sweeper`
  const client = new LambdaClient(clientOptions('LAMBDA', environment))
  const response = await client.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify({ type: 'flush' }) }),
  )
  const text = Buffer.from(response.Payload ?? []).toString()
  if (response.FunctionError !== undefined) throw new UsageError(`${FunctionName} failed: ${text}`)
  const { completed, revised } = answer.parse(JSON.parse(text))
  printLine(`${completed} bars completed, ${revised} revised`)
  return 0
}
