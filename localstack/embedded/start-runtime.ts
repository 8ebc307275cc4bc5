import { EmbeddedRuntimeError } from './errors.ts'
import { runStack } from './runtime.ts'
import type { RunningStack, RuntimeOptions } from './runtime.ts'
import { apiGatewayPath } from './services/api-gateway/api-gateway.ts'
import { apiGateway } from './services/api-gateway/index.ts'
import type { MappingLag } from './services/event-source-mapping/event-source-mappings.ts'
import { eventSourceMappings } from './services/event-source-mapping/index.ts'
import { services } from './services/index.ts'
import { kinesis } from './services/kinesis/index.ts'
import type { StreamStore } from './services/kinesis/stream-store.ts'
import type { FunctionFigures } from './services/lambda/function-pool.ts'
import { lambda } from './services/lambda/index.ts'
import type { InvocationResult } from './services/lambda/invocation.ts'
import { secretsManager } from './services/secrets-manager/index.ts'
import { sns } from './services/sns/index.ts'
import type { Published } from './services/sns/published.ts'

/** A stack that runs on this machine, with what its owner asks most often of single services. */
export type Runtime = RunningStack & {
  /** The secret string of a secret given by name or ARN. */
  readonly secretValue: (idOrArn: string) => string
  /** URL of a stage of a REST API, without a slash at its end. */
  readonly apiUrl: (apiId: string, stage: string) => string
  /** The value of an API key, by its id; undefined if there is none. */
  readonly apiKey: (keyId: string) => string | undefined
  readonly invoke: (functionName: string, event: unknown) => Promise<InvocationResult>
  /** What each function has done and holds, by name. */
  readonly functions: () => Promise<Readonly<Record<string, FunctionFigures>>>
  /** Ends a function's workers abruptly; an invocation in flight becomes an error result. */
  readonly killFunction: (name: string) => Promise<void>
  /**
   * Puts the wall clock of a function so many milliseconds ahead of the machine's, or behind it, at once and until it is put again.
   * Needs the option `clocks: 'own'`.
   */
  readonly setClock: (functionName: string, aheadMs: number) => void
  /** The same of the clock of all streams, by which records arrive and are past their retention. Needs `clocks: 'own'`. */
  readonly setStreamClock: (aheadMs: number) => void
  /** Resolves when every event source mapping has processed or discarded every record. */
  readonly idle: (options?: { readonly except?: readonly string[] }) => Promise<void>
  readonly lag: () => readonly MappingLag[]
  /** What a topic of SNS has taken since the start, by its ARN; of very many the newest. */
  readonly published: (topicArn: string) => readonly Published[]
  /** The streams themselves: put, split, merge, read. */
  readonly streams: StreamStore
}

/**
 * Runs a stack of a CDK cloud assembly on this machine: streams, tables, buckets, secrets, parameters, functions,
 * event source mappings, schedules, REST and WebSocket APIs and custom resources. Throws an EmbeddedRuntimeError that
 * says what is wrong with the assembly, a resource, the data folder or the port; then nothing is left running.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const stack = await runStack(options, services)
  const { functions } = stack.api(lambda)
  const { mappings } = stack.api(eventSourceMappings)
  const streams = stack.api(kinesis)
  return {
    ...stack,
    secretValue: (id) => stack.api(secretsManager).find(id).value,
    apiUrl: (apiId, stage) => `${stack.endpoint}${apiGatewayPath}${apiId}/${stage}`,
    apiKey: stack.api(apiGateway).gateway.keys.value,
    invoke: functions.invoke,
    functions: functions.figures,
    killFunction: functions.kill,
    setClock: functions.setClock,
    setStreamClock: (aheadMs) => {
      if (options.clocks !== 'own')
        throw new EmbeddedRuntimeError("The clock of the streams is the machine's: start with clocks: 'own'.")
      streams.setClock(aheadMs)
    },
    idle: mappings.idle,
    lag: mappings.lag,
    published: stack.api(sns).topics.published,
    streams,
  }
}
