import { randomUUID } from 'node:crypto'

import { createFunctionHost, type InvocationResult } from 'embedded-aws/services'

import type { AssembledFunction } from './assembled-functions.ts'
import { type MetricLine, readMetricLine } from '../stage/metric-line.ts'

/** What one invocation came to. */
export type Invoked = {
  readonly result: InvocationResult
  readonly metrics: readonly MetricLine[]
  /** Everything else that it printed. */
  readonly logs: readonly string[]
}

/** Runs a function once, in a thread of this process, with the limits that Lambda would give it. */
export async function invokeLocally(
  assembled: AssembledFunction,
  event: unknown,
  environment: Readonly<Record<string, string>>,
): Promise<Invoked> {
  const metrics: MetricLine[] = []
  const logs: string[] = []
  const { part } = assembled
  const host = createFunctionHost(({ text }) => {
    const line = readMetricLine(text)
    if (line === undefined) logs.push(text)
    else metrics.push(line)
  })
  host.register({
    ...assembled,
    name: part,
    arn: `arn:aws:lambda:local:000000000000:function:${part}`,
    logGroupName: `/aws/lambda/${part}`,
    environment: {
      ...environment,
      AWS_LAMBDA_FUNCTION_NAME: part,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(assembled.memoryMb),
      AWS_LAMBDA_LOG_STREAM_NAME: randomUUID(),
    },
  })
  const result = await host.invoke(part, event)
  // Ends with everything that was printed read.
  await host.stop()
  return { result, metrics, logs }
}
