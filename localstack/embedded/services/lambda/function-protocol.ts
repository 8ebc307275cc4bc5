/** What a worker is started with. */
export type SandboxData = {
  readonly taskRoot: string
  /** `file.export`, as the function's `Handler` property says. */
  readonly handler: string
  readonly functionName: string
  readonly memoryMb: number
  readonly logGroupName: string
  readonly logStreamName: string
  /** Counts invocations; a worker that has answered all of them freezes. Undefined: it never does. */
  readonly invocations?: SharedArrayBuffer
  /** By how much the clock of the function is ahead. Undefined: it is the machine's. */
  readonly aheadMs?: SharedArrayBuffer
}

/** One invocation, host to worker. */
export type InvocationRequest = {
  readonly requestId: string
  readonly invokedFunctionArn: string
  /** The event as JSON. */
  readonly payload: string
  /** Unix milliseconds at which the invocation times out. */
  readonly deadline: number
}

/** An error in the shape in which Lambda reports it. */
export type FunctionError = {
  readonly errorType: string
  readonly errorMessage: string
  readonly trace?: readonly string[]
}

/** Worker to host. `cpuMs` is what the worker's thread has used since it started. */
export type SandboxReply =
  | { readonly type: 'ready' }
  | { readonly type: 'success'; readonly requestId: string; readonly payload: string; readonly cpuMs: number }
  | {
      readonly type: 'error'
      readonly requestId: string
      readonly error: FunctionError
      readonly cpuMs: number
    }

/** Turns what a function threw into the error that Lambda would report. */
export function functionErrorOf(thrown: unknown): FunctionError {
  return thrown instanceof Error
    ? { errorType: thrown.name, errorMessage: thrown.message, trace: (thrown.stack ?? '').split('\n') }
    : { errorType: typeof thrown, errorMessage: String(thrown), trace: [] }
}
