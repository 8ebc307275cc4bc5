/** How an invocation ended. `error` is what Lambda calls a function error, a time-out or an exit included. */
export type InvocationResult =
  | { readonly type: 'success'; readonly requestId: string; readonly payload: unknown }
  | {
      readonly type: 'error'
      readonly requestId: string
      readonly error: {
        readonly errorType: string
        readonly errorMessage: string
        readonly trace?: readonly string[]
      }
    }

/** The type of error of an invocation that the function's policy does not allow: no function has seen it. */
export const refusedInvocation = 'Invocation.AccessDenied'

/** Runs one function with one event of a shard. Never rejects: a crash is an `error` result. */
export type Invoke = (event: unknown, shardId?: string) => Promise<InvocationResult>
