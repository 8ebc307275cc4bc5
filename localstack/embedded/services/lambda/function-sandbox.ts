import { randomBytes, randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import { compileCache } from '../../compile-cache.ts'
import { codeOf } from '../../errors.ts'
import type { FunctionLogLine } from '../../log-line.ts'
import type { FunctionClock } from './function-clock.ts'
import { functionErrorOf } from './function-protocol.ts'
import type { FunctionError, InvocationRequest, SandboxData, SandboxReply } from './function-protocol.ts'
import type { InvocationResult } from './invocation.ts'

/** A function as it is to be run. */
export type FunctionDefinition = {
  readonly name: string
  readonly arn: string
  /** The role in which it calls; undefined for a function of no stack. */
  readonly roleArn?: string
  /** Folder that holds the function's code. */
  readonly taskRoot: string
  /** `file.export` */
  readonly handler: string
  /** Everything that `process.env` holds. */
  readonly environment: Readonly<Record<string, string>>
  /** The part of it that the template sets, which Lambda's API returns. @default none */
  readonly declared?: Readonly<Record<string, string>>
  readonly memoryMb: number
  readonly timeoutSeconds: number
  readonly logGroupName: string
  /** At most so many invocations at a time; undefined: as many as the machine is given. */
  readonly reservedConcurrency?: number | undefined
}

/** One warm worker of a function; takes one invocation at a time, and none once it is dead. */
export type Sandbox = {
  readonly invoke: (payload: string) => Promise<InvocationResult>
  /** Ends the worker at once; an invocation in flight becomes an error result. */
  readonly terminate: () => Promise<void>
  readonly alive: () => boolean
  /** Resolves when its code is loaded, or when it cannot be. */
  readonly loaded: Promise<void>
  /** CPU milliseconds used so far and bytes held now. */
  readonly figures: () => Promise<{ readonly cpuMs: number; readonly memoryBytes: number }>
  /** CPU milliseconds known without asking the worker. */
  readonly lastCpuMs: () => number
}

/**
 * V8 takes 96 MB a thread and more for short-lived objects if it may. With 8 MB a worker holds a fifth less than with 16 and
 * no burst takes longer to see; with 6 MB a burst takes half as long again. A function with much memory has much to do, and
 * with more of them alive at once fewer are copied.
 */
function youngGenerationMb({ memoryMb }: Pick<FunctionDefinition, 'memoryMb'>): number {
  return Math.max(8, Math.floor(memoryMb / 64))
}

/** Lambda gives a function 10 s to load. */
const initMilliseconds = 10_000

type InFlight = { readonly requestId: string; readonly settle: (result: InvocationResult) => void }

/** Starts a worker thread for a function and loads the function's code in it. */
export function startSandbox(
  definition: FunctionDefinition,
  onLine: (line: FunctionLogLine) => void,
  { freezes, clock }: { readonly freezes: boolean; readonly clock?: FunctionClock | undefined } = {
    freezes: false,
  },
): Sandbox {
  const invocations = freezes ? new Int32Array(new SharedArrayBuffer(4)) : undefined
  const worker = startWorker(definition, { invocations: invocations?.buffer, aheadMs: clock?.aheadMs })
  for (const stream of ['stdout', 'stderr'] as const)
    readLines(definition.name, stream, worker[stream], onLine)
  let inFlight: InFlight | undefined
  let failure: ((requestId: string) => FunctionError) | undefined
  let alive = true
  let cpuMs = 0
  const settle = (result: InvocationResult): void => {
    const current = inFlight
    inFlight = undefined
    current?.settle(result)
  }
  const end = async (reason: (requestId: string) => FunctionError): Promise<void> => {
    failure ??= reason
    await worker.terminate()
  }
  const ready = Promise.withResolvers<void>()
  worker.on('message', (message: SandboxReply) => {
    if (message.type === 'ready') return ready.resolve()
    cpuMs = message.cpuMs
    settle(resultOf(message))
  })
  worker.on('error', (error) => {
    failure ??= crash(error, definition)
    if (isOutOfMemory(error))
      onLine({ functionName: definition.name, stream: 'host', text: outOfMemory(definition) })
  })
  worker.on('exit', (code) => {
    alive = false
    ready.resolve()
    if (inFlight === undefined) return
    const { requestId } = inFlight
    settle({ type: 'error', requestId, error: (failure ?? exited(code))(requestId) })
  })
  const run = async (requestId: string, payload: string): Promise<void> => {
    const loading = setTimeout(() => void end(timedOut(initMilliseconds / 1000)), initMilliseconds)
    await ready.promise
    clearTimeout(loading)
    if (!alive) return
    const milliseconds = definition.timeoutSeconds * 1000
    const deadline = Date.now() + milliseconds
    const request: InvocationRequest = { requestId, payload, deadline, invokedFunctionArn: definition.arn }
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(request)
    if (invocations !== undefined) {
      Atomics.add(invocations, 0, 1)
      Atomics.notify(invocations, 0)
    }
    deadlines.set(
      requestId,
      setTimeout(() => void end(timedOut(definition.timeoutSeconds)), milliseconds),
    )
  }
  const deadlines = new Map<string, NodeJS.Timeout>()
  return {
    invoke: (payload) => {
      const requestId = randomUUID()
      return new Promise((resolve) => {
        const done = (result: InvocationResult): void => {
          clearTimeout(deadlines.get(requestId))
          deadlines.delete(requestId)
          resolve(result)
        }
        if (!alive) return done({ type: 'error', requestId, error: (failure ?? exited(1))(requestId) })
        inFlight = { requestId, settle: done }
        void run(requestId, payload)
      })
    },
    terminate: () => end(killed),
    alive: () => alive,
    loaded: ready.promise,
    lastCpuMs: () => cpuMs,
    figures: async () => {
      if (!alive) return { cpuMs, memoryBytes: 0 }
      // A worker that is starting or ending rejects: it has no figures.
      const read = await Promise.all([worker.cpuUsage(), worker.getHeapStatistics()]).catch(() => undefined)
      if (read === undefined) return { cpuMs, memoryBytes: 0 }
      const [cpu, heap] = read
      cpuMs = (cpu.user + cpu.system) / 1000
      return { cpuMs, memoryBytes: heap.total_physical_size + heap.external_memory }
    },
  }
}

function startWorker(
  { environment, ...definition }: FunctionDefinition,
  { invocations, aheadMs }: { readonly [Name in 'invocations' | 'aheadMs']: SharedArrayBuffer | undefined },
): Worker {
  const logStreamName = environment['AWS_LAMBDA_LOG_STREAM_NAME'] ?? newLogStream()
  const workerData: SandboxData = {
    taskRoot: definition.taskRoot,
    handler: definition.handler,
    functionName: definition.name,
    memoryMb: definition.memoryMb,
    logGroupName: definition.logGroupName,
    logStreamName,
    ...(invocations && { invocations }),
    ...(aheadMs && { aheadMs }),
  }
  return new Worker(new URL('./function-worker.ts', import.meta.url), {
    // Linux shows so many characters of the name of a thread, and the last ones tell functions apart.
    name: definition.name.slice(-15),
    workerData,
    env: { ...compileCache(), ...environment, AWS_LAMBDA_LOG_STREAM_NAME: logStreamName },
    stdout: true,
    stderr: true,
    execArgv: [],
    resourceLimits: {
      maxOldGenerationSizeMb: definition.memoryMb,
      maxYoungGenerationSizeMb: youngGenerationMb(definition),
    },
  })
}

function newLogStream(): string {
  return `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomBytes(16).toString('hex')}`
}

function readLines(
  functionName: string,
  stream: 'stdout' | 'stderr',
  input: Readable,
  onLine: (line: FunctionLogLine) => void,
): void {
  createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (text) => {
    onLine({ functionName, stream, text })
  })
}

function resultOf(message: Exclude<SandboxReply, { type: 'ready' }>): InvocationResult {
  if (message.type === 'error') return { type: 'error', requestId: message.requestId, error: message.error }
  const payload: unknown = JSON.parse(message.payload)
  return { type: 'success', requestId: message.requestId, payload }
}

function crash(error: Error, { memoryMb }: FunctionDefinition) {
  return (requestId: string): FunctionError => {
    if (!isOutOfMemory(error)) return functionErrorOf(error)
    const errorMessage = `RequestId: ${requestId} Error: Runtime exited with error: signal: killed (over its ${memoryMb} MB)`
    return { errorType: 'Runtime.OutOfMemory', errorMessage }
  }
}

function isOutOfMemory(error: Error): boolean {
  return codeOf(error) === 'ERR_WORKER_OUT_OF_MEMORY'
}

/** Who asked is told that the invocation failed; that it was for memory would be in nobody's log. */
function outOfMemory({ memoryMb }: FunctionDefinition): string {
  return `error out of memory: a worker needed more than its ${memoryMb} MB and was ended; the next invocation starts another`
}

function timedOut(seconds: number) {
  return (requestId: string): FunctionError => ({
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`,
  })
}

function killed(requestId: string): FunctionError {
  return {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`,
  }
}

function exited(code: number) {
  return (requestId: string): FunctionError => ({
    errorType: 'Runtime.ExitError',
    errorMessage:
      code === 0
        ? `RequestId: ${requestId} Error: Runtime exited without providing a reason`
        : `RequestId: ${requestId} Error: Runtime exited with error: exit status ${code}`,
  })
}
