import { flushCompileCache } from 'node:module'
import { inspect } from 'node:util'
import { parentPort, workerData } from 'node:worker_threads'
import { collectWhenIdle } from './collect-garbage.ts'
import { createFreezer } from './freezer.ts'
import { followClock } from './function-clock.ts'
import { isolateModules, loadHandler } from './function-modules.ts'
import type { Handler } from './function-modules.ts'
import { functionErrorOf } from './function-protocol.ts'
import type { FunctionError, InvocationRequest, SandboxData, SandboxReply } from './function-protocol.ts'

/** Timeouts are the host's, whatever the function's clock says. */
const machineNow = Date.now

/** Lambda's limit for the result of a function: 6 MiB and 100 bytes. */
const maxResultBytes = 6_291_556

/** Runs in a worker thread: loads one function and handles one invocation at a time. */
async function main(data: SandboxData): Promise<void> {
  // Of the host, and read by now.
  delete process.env['NODE_COMPILE_CACHE']
  process.on('unhandledRejection', (reason) => {
    throw Object.assign(new Error(String(reason), { cause: reason }), {
      name: 'Runtime.UnhandledPromiseRejection',
    })
  })
  const garbage = collectWhenIdle()
  const freezer = createFreezer(data.invocations)
  if (data.aheadMs !== undefined) followClock(data.aheadMs)
  isolateModules(data.taskRoot)
  const handler = await loadHandler(data.taskRoot, data.handler)
  parentPort?.on('message', (request: InvocationRequest) => {
    garbage.begin()
    void handle(handler, request, data)
      .then(reply)
      .then(keepCompiled)
      .then(garbage.end)
      .then(freezer.answered)
  })
  reply({ type: 'ready' })
  freezer.loaded()
}

function reply(message: SandboxReply): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(message)
}

/** The next worker need not wait until this one has ended. */
function keepCompiled(): void {
  if (isKept) return
  isKept = true
  flushCompileCache()
}

let isKept = false

async function handle(
  handler: Handler,
  request: InvocationRequest,
  data: SandboxData,
): Promise<SandboxReply> {
  const { requestId } = request
  try {
    const event: unknown = JSON.parse(request.payload)
    const value = await call(handler, event, contextOf(request, data))
    const json: unknown = JSON.stringify(value)
    const payload = typeof json === 'string' ? json : 'null'
    const error = refusalOf(payload)
    if (error !== undefined) return { type: 'error', requestId, error, cpuMs: cpuMs() }
    return { type: 'success', requestId, payload, cpuMs: cpuMs() }
  } catch (error) {
    return { type: 'error', requestId, error: functionErrorOf(error), cpuMs: cpuMs() }
  }
}

function refusalOf(payload: string): FunctionError | undefined {
  // UTF-8 takes at most 3 bytes a UTF-16 unit: most results need no count.
  const bytes = payload.length * 3 > maxResultBytes ? Buffer.byteLength(payload) : 0
  if (bytes <= maxResultBytes) return undefined
  return {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${maxResultBytes} bytes).`,
  }
}

/** A handler answers with what it returns, or through a callback if it takes one as third parameter. */
function call(handler: Handler, event: unknown, context: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback = (error: unknown, value: unknown): void => {
      if (error === undefined || error === null) resolve(value)
      else reject(error instanceof Error ? error : new Error(inspect(error)))
    }
    const returned = handler.call(event, context, callback)
    if (handler.parameters < 3 || returned instanceof Promise) resolve(returned)
  })
}

function contextOf(request: InvocationRequest, data: SandboxData) {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: data.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: request.invokedFunctionArn,
    memoryLimitInMB: String(data.memoryMb),
    awsRequestId: request.requestId,
    logGroupName: data.logGroupName,
    logStreamName: data.logStreamName,
    getRemainingTimeInMillis: () => Math.max(0, request.deadline - machineNow()),
  }
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

await main(workerData)
