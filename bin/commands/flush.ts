import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import * as z from 'zod'

import { UsageError } from '../terminal/errors.ts'
import { clientOptions } from '../stage/client-options.ts'

const answer = z.object({ completed: z.int(), revised: z.int() })

/** Closes every open minute of a running deployment. */
export async function flush(options: { readonly function: string }): Promise<number> {
  const client = new LambdaClient(clientOptions('LAMBDA'))
  const response = await client.send(
    new InvokeCommand({ FunctionName: options.function, Payload: JSON.stringify({ type: 'flush' }) }),
  )
  const text = Buffer.from(response.Payload ?? []).toString()
  if (response.FunctionError !== undefined) throw new UsageError(`${options.function} failed: ${text}`)
  const { completed, revised } = answer.parse(JSON.parse(text))
  process.stdout.write(`${completed} bars completed, ${revised} revised\n`)
  return 0
}
