import { proxyResponse } from '../api-gateway/proxy-event.ts'
import type { HttpResponse } from '../../http/message.ts'
import type { InvocationOrigin } from '../lambda/function-pool.ts'
import type { InvocationResult } from '../lambda/invocation.ts'
import type { Clock } from '../../clock.ts'
import type { Stage } from './stages.ts'
import type { SelectedRoute } from './web-socket-api.ts'

/** What a function answered, or how it failed: it threw, answered something else, or took too long. */
export type IntegrationResult =
  | { readonly type: 'answered'; readonly response: HttpResponse }
  | { readonly type: 'failed' }
  | { readonly type: 'timed-out' }

/** How functions are invoked, and the time. */
export type Backend = {
  readonly invoke: (
    functionName: string,
    event: unknown,
    origin?: InvocationOrigin,
  ) => Promise<InvocationResult>
  readonly clock: Clock
  /** The ARN of a route, for which API Gateway invokes its function. */
  readonly routeArn: (stage: Stage, routeKey: string) => string
}

/**
 * Invokes the function of an integration and waits as long as API Gateway does; the function runs on.
 *
 * @param backend `client`: takes turns with others while invocations wait
 */
export function callIntegration(
  { integration: { functionName, timeoutMs }, key }: Pick<SelectedRoute, 'integration' | 'key'>,
  event: unknown,
  {
    invoke,
    clock,
    routeArn,
    stage,
    client,
  }: Backend & Pick<InvocationOrigin, 'client'> & { readonly stage: Stage },
): Promise<IntegrationResult> {
  const caller = { service: 'apigateway.amazonaws.com', sourceArn: routeArn(stage, key) }
  return new Promise((resolve) => {
    const cancel = clock.after(timeoutMs, () => resolve({ type: 'timed-out' }))
    void invoke(functionName, event, { caller, ...(client !== undefined && { client }) }).then((result) => {
      cancel()
      const response = result.type === 'success' ? proxyResponse(result.payload, {}, ['*/*']) : undefined
      resolve(response === undefined ? { type: 'failed' } : { type: 'answered', response })
    })
  })
}
