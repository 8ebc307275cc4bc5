import { inspect } from 'node:util'
import { parentPort, workerData } from 'node:worker_threads'
import { isolateModules, loadHandler } from './function-modules.ts'
import type { Handler } from './function-modules.ts'
import { functionErrorOf } from './function-protocol.ts'
import type { InvocationRequest, SandboxData, SandboxReply } from './function-protocol.ts'

/** Runs in a worker thread: loads one function and handles one invocation at a time. */
const main = async (data: SandboxData): Promise<void> => {
  process.on('unhandledRejection', (reason) => {
    throw Object.assign(new Error(String(reason), { cause: reason }), {
      name: 'Runtime.UnhandledPromiseRejection',
    })
  })
  isolateModules(data.taskRoot)
  const handler = await loadHandler(data.taskRoot, data.handler)
  parentPort?.on('message', (request: InvocationRequest) => {
    void handle(handler, request, data).then(reply)
  })
  reply({ type: 'ready' })
}

const reply = (message: SandboxReply): void => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(message)
}

const handle = async (
  handler: Handler,
  request: InvocationRequest,
  data: SandboxData,
): Promise<SandboxReply> => {
  const { requestId } = request
  try {
    const event: unknown = JSON.parse(request.payload)
    const value = await call(handler, event, contextOf(request, data))
    const payload: unknown = JSON.stringify(value)
    return {
      type: 'success',
      requestId,
      payload: typeof payload === 'string' ? payload : 'null',
      cpuMs: cpuMs(),
    }
  } catch (error) {
    return { type: 'error', requestId, error: functionErrorOf(error), cpuMs: cpuMs() }
  }
}

/** A handler answers with what it returns, or through a callback if it takes one as third parameter. */
const call = (handler: Handler, event: unknown, context: unknown): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const callback = (error: unknown, value: unknown): void => {
      if (error === undefined || error === null) resolve(value)
      else reject(error instanceof Error ? error : new Error(inspect(error)))
    }
    const returned = handler.call(event, context, callback)
    if (handler.parameters < 3 || returned instanceof Promise) resolve(returned)
  })

const contextOf = (request: InvocationRequest, data: SandboxData) => ({
  callbackWaitsForEmptyEventLoop: true,
  functionName: data.functionName,
  functionVersion: '$LATEST',
  invokedFunctionArn: request.invokedFunctionArn,
  memoryLimitInMB: String(data.memoryMb),
  awsRequestId: request.requestId,
  logGroupName: data.logGroupName,
  logStreamName: data.logStreamName,
  getRemainingTimeInMillis: () => Math.max(0, request.deadline - Date.now()),
})

const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

await main(workerData)
