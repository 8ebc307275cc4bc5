import { startEventSourceMapping } from './event-source-mapping.ts'
import type {
  EventSourceMapping,
  EventSourceMappingSettings,
  MeasurableStreamReader,
} from './event-source-mapping.ts'
import type { FunctionHost } from '../lambda/function-host.ts'
import type { FunctionLogLine } from '../../log-line.ts'
import type { NamedMapping, PollEvery } from '../../service.ts'
import type { Checkpoints } from './checkpoints.ts'
import type { S3Store } from '../s3/s3-store.ts'

type MappingDefinition = {
  readonly name: string
  readonly streamName: string
  readonly streamArn: string
  readonly functionName: string
  readonly functionArn: string
  readonly settings: EventSourceMappingSettings
}

/** How far a mapping is behind its stream. */
export type MappingLag = {
  readonly mapping: string
  readonly streamName: string
  readonly functionName: string
  readonly records: number
  /** Age of the oldest record that is neither processed nor discarded, milliseconds. */
  readonly oldestMs: number
  /** Records processed or discarded since the start. */
  readonly settled: number
}

/** All event source mappings of a stack; nothing flows before `start`. */
export type EventSourceMappings = {
  readonly add: (definition: MappingDefinition) => void
  readonly start: () => void
  readonly lag: () => readonly MappingLag[]
  /** Resolves once every mapping has processed or discarded every record, those that other mappings caused included. */
  readonly idle: (options?: { readonly except?: readonly string[] }) => Promise<void>
  /** Finishes what is in flight and keeps the checkpoints. */
  readonly stop: () => Promise<void>
}

export function createEventSourceMappings(services: {
  readonly reader: MeasurableStreamReader
  readonly checkpoints: Checkpoints
  readonly functions: Pick<FunctionHost, 'invoke'>
  readonly buckets: Pick<S3Store, 'put'>
  readonly onLog: (line: FunctionLogLine) => void
  readonly now: () => number
  readonly pollEveryMs: PollEvery
  /** @default 0 */
  readonly restPollMs?: number
  readonly isMapped: (mapping: NamedMapping) => boolean
}): EventSourceMappings {
  const { functions, buckets, onLog, pollEveryMs, restPollMs = 0, isMapped, ...shared } = services
  const definitions: MappingDefinition[] = []
  const running: { readonly definition: MappingDefinition; readonly mapping: EventSourceMapping }[] = []
  const start = (definition: MappingDefinition): EventSourceMapping =>
    startEventSourceMapping({
      ...shared,
      ...definition,
      timings: { pollEveryMs: pollEveryMs(definition), restPollMs },
      invoke: (event, shard) =>
        functions.invoke(definition.functionName, event, shard === undefined ? {} : { shard }),
      onFailure: async ({ bucketArn, key, body }) => {
        const headers = { 'content-type': 'application/json' }
        await buckets.put(bucketArn.split(':').at(-1) ?? '', key, { content: Buffer.from(body), headers })
      },
      log: ({ level, shardId, message }) =>
        onLog({
          functionName: definition.functionName,
          stream: 'mapping',
          text: `${level} ${shardId} ${message}`,
        }),
    })
  const lag = (): readonly MappingLag[] =>
    running.map(({ definition, mapping }) => ({
      mapping: definition.name,
      streamName: definition.streamName,
      functionName: definition.functionName,
      ...mapping.lag(),
    }))
  return {
    add: (definition) => {
      const settings = {
        ...definition.settings,
        enabled: definition.settings.enabled && isMapped(definition),
      }
      definitions.push({ ...definition, settings })
    },
    start: () => {
      for (const definition of definitions) running.push({ definition, mapping: start(definition) })
    },
    lag,
    idle: async ({ except = [] } = {}) => {
      const enabled = running.filter(
        ({ definition }) => definition.settings.enabled && !except.includes(definition.functionName),
      )
      // One mapping may have fed another while that one was found idle: go round until none has anything left.
      do await Promise.all(enabled.map(({ mapping }) => mapping.idle()))
      while (enabled.some(({ mapping }) => mapping.lag().records > 0))
    },
    stop: async () => {
      await Promise.all(running.map(({ mapping }) => mapping.stop()))
    },
  }
}
