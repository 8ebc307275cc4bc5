import * as z from 'zod'

import type { AlerterCommand } from '../../../functions/alerter/events.ts'
import { nameOf } from '../../../functions/shared/runtime/deployment-name.ts'
import { UsageError } from '../../terminal/errors.ts'
import type { DeployedStage } from '../find-deployment.ts'
import { functionInvoker } from '../invoke-part.ts'

const answerSchema = z.object({
  statusCode: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
})
const problemSchema = z.object({ detail: z.string() })

export type AlertsRequest = Omit<Extract<AlerterCommand, { type: 'request' }>, 'type' | 'body'> & {
  readonly body?: string
}

/** Asks the part `alerter` as the REST API does, so that a role of AWS is enough, without a key. */
export type AskAlerts = (request: AlertsRequest) => Promise<z.infer<typeof answerSchema>>

/** Its calls reject with a UsageError where there is no such part. */
export function openAlerts(deployed: Pick<DeployedStage, 'prefix' | 'stage' | 'environment'>): AskAlerts {
  const invoke = functionInvoker(`${nameOf(deployed)}-alerter`, deployed, {
    missing:
      'the stage is not deployed there, or has alerts off: set "alerts": "on" for it in cdk.json (docs/alerts.md)',
  })
  return async (request) => answerSchema.parse(await invoke({ type: 'request', ...request }))
}

/** @throws UsageError with what the part refuses */
export async function askedOf<Shape>(
  ask: AskAlerts,
  request: AlertsRequest,
  schema: z.ZodType<Shape>,
): Promise<Shape> {
  const { statusCode, body } = await ask(request)
  const answer: unknown = JSON.parse(body)
  if (statusCode < 300) return schema.parse(answer)
  throw new UsageError(problemSchema.safeParse(answer).data?.detail ?? `the alerter answered ${statusCode}`)
}
