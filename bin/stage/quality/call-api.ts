import * as z from 'zod'

import { nameOf } from '../../../functions/shared/runtime/deployment-name.ts'
import { UsageError } from '../../terminal/errors.ts'
import type { DeployedStage } from '../find-deployment.ts'
import { functionInvoker } from '../invoke-part.ts'

const resultSchema = z.object({ statusCode: z.int(), body: z.string() })
const problemSchema = z.object({ detail: z.string() })

/**
 * Reads a resource of the REST API by its function, so that a role of AWS is enough, without a key.
 *
 * @throws UsageError with what the API refuses
 */
export async function readFromApi<Shape>(
  deployed: Pick<DeployedStage, 'prefix' | 'stage' | 'environment'>,
  { path, query }: { readonly path: string; readonly query: Readonly<Record<string, string>> },
  schema: z.ZodType<Shape>,
): Promise<Shape> {
  const multiValueQueryStringParameters = Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, [value]]),
  )
  const event = { httpMethod: 'GET', path, multiValueQueryStringParameters, multiValueHeaders: {} }
  const invoke = functionInvoker(`${nameOf(deployed)}-api`, deployed, { attempts: 3 })
  const { statusCode, body } = resultSchema.parse(await invoke(event))
  const answer: unknown = JSON.parse(body)
  if (statusCode === 200) return schema.parse(answer)
  throw new UsageError(problemSchema.safeParse(answer).data?.detail ?? `the API answered ${statusCode}`)
}
