import { join } from 'node:path'
import { defineService } from '../../service.ts'
import { kinesis } from '../kinesis/index.ts'
import { lambda } from '../lambda/index.ts'
import { s3 } from '../s3/index.ts'
import { openCheckpoints } from './checkpoints.ts'
import { createEventSourceMappings } from './event-source-mappings.ts'
import { eventSourceMapping } from './resource.ts'
import type { MappingResources } from './resource.ts'

/** What of Lambda feeds functions from streams. It stops before the functions, and before what they call. */
export const eventSourceMappings = defineService<MappingResources>({
  name: 'event-source-mapping',
  resourceTypes: { 'AWS::Lambda::EventSourceMapping': eventSourceMapping },
  open: (context) => {
    const { functions, iam: access } = lambda.of(context)
    const checkpoints = openCheckpoints(join(context.data, 'checkpoints'))
    const mappings = createEventSourceMappings({
      reader: kinesis.of(context),
      buckets: s3.of(context).store,
      functions,
      checkpoints,
      onLog: context.onLog,
      now: context.clock.now,
      pollEveryMs: context.pollEveryMs,
      ...(context.strict && { restPollMs: context.strict.pollMs }),
      isMapped: context.isMapped,
    })
    return {
      api: { functions, mappings, access },
      health: () => ({ lag: mappings.lag() }),
      start: mappings.start,
      stop: mappings.stop,
      close: () => checkpoints.close(),
    }
  },
})
