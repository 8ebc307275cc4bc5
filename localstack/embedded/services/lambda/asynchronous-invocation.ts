import type { Clock } from '../../clock.ts'
import type { InvocationOrigin, ServiceCaller } from './function-pool.ts'
import { refusedInvocation } from './invocation.ts'
import type { InvocationResult } from './invocation.ts'

/** How often and how long Lambda tries an asynchronous invocation. */
type RetryPolicy = {
  /** @default 2 */
  readonly maximumRetryAttempts: number
  /** @default 21600, six hours */
  readonly maximumEventAgeSeconds: number
}

const lambdaDefault: RetryPolicy = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 }

/** Lambda waits one minute before the first retry and two before the second. */
function retryDelayMs(attempt: number): number {
  return attempt * 60_000
}

/** Invokes functions without anybody waiting for the result: schedules and `InvocationType: Event`. */
export type AsynchronousInvoker = {
  readonly configure: (functionName: string, policy: Partial<RetryPolicy>) => void
  readonly send: (functionName: string, event: unknown, caller?: ServiceCaller) => void
  /** Drops what waits for a retry and waits for what runs. */
  readonly stop: () => Promise<void>
}

type Sent = { readonly at: number; readonly tries: number; readonly origin: InvocationOrigin }

export function createAsynchronousInvoker(
  invoke: (functionName: string, event: unknown, origin: InvocationOrigin) => Promise<InvocationResult>,
  clock: Clock,
): AsynchronousInvoker {
  const policies = new Map<string, RetryPolicy>()
  const cancellations = new Set<() => void>()
  const running = new Set<Promise<void>>()
  const attempt = async (functionName: string, event: unknown, sent: Sent) => {
    const result = await invoke(functionName, event, sent.origin)
    if (result.type === 'success' || result.error.errorType === refusedInvocation) return
    const policy = policies.get(functionName) ?? lambdaDefault
    const delay = retryDelayMs(sent.tries)
    const tooOld = clock.now() + delay - sent.at > policy.maximumEventAgeSeconds * 1000
    // What was refused for want of capacity did not run: Lambda tries it again until it is too old.
    const isThrottled = result.error.errorType === 'TooManyRequestsException'
    if ((!isThrottled && sent.tries > policy.maximumRetryAttempts) || tooOld) return
    const cancel = clock.after(delay, () => {
      cancellations.delete(cancel)
      start(functionName, event, { ...sent, tries: isThrottled ? sent.tries : sent.tries + 1 })
    })
    cancellations.add(cancel)
  }
  const start = (functionName: string, event: unknown, sent: Sent): void => {
    const run = attempt(functionName, event, sent).finally(() => running.delete(run))
    running.add(run)
  }
  return {
    configure: (functionName, policy) => {
      policies.set(functionName, { ...lambdaDefault, ...policy })
    },
    send: (functionName, event, caller) =>
      start(functionName, event, {
        at: clock.now(),
        tries: 1,
        origin: caller === undefined ? {} : { caller },
      }),
    stop: async () => {
      await Promise.all(running)
      for (const cancel of cancellations) cancel()
    },
  }
}
