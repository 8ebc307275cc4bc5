import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { KinesisStreamEvent } from 'aws-lambda'

import { parseEnvironment } from '../shared/runtime/environment.ts'
import { createFeatureFlags, withFeatureFlag } from '../shared/runtime/feature-flags.ts'
import { createTelemetry } from '../shared/runtime/telemetry.ts'
import { type BroadcasterMeasures, createBroadcast, createRoutes, type RouteEvent } from './broadcaster.ts'
import { createConnectionStore } from './connection-store.ts'
import { createConnections } from './connections.ts'
import { broadcasterEnvironment } from './env.ts'
import { createManagementClient } from './management-client.ts'

const SERVICE = 'broadcaster'

const environment = parseEnvironment(broadcasterEnvironment, process.env)
const { logger, measure } = createTelemetry(SERVICE)
const flags = createFeatureFlags(environment.FLAGS_PATH, ['broadcast'], { log: logger })
const deps = {
  store: createConnectionStore(new DynamoDBClient(), environment.CONNECTIONS_TABLE),
  connections: createConnections(createManagementClient()),
  now: Date.now,
}
const telemetry = { logger, measure: measureBroadcast }

const consume = withFeatureFlag(flags, 'broadcast', createBroadcast(deps, telemetry))
const route = createRoutes(deps, telemetry)

/** Sends a batch of `bars` or `signals` to WebSocket clients, or handles an event of such a client. */
export async function handler(event: KinesisStreamEvent | RouteEvent) {
  return 'Records' in event ? await consume(event) : await route(event)
}

function measureBroadcast({ connections, messages, failed, faults, latencies }: BroadcasterMeasures): void {
  measure({
    counts: {
      MessagesSent: messages,
      PostsFailed: failed,
      ReadFaults: faults,
      ...(connections !== undefined && { Connections: connections }),
    },
    latencies: { BroadcastLatency: latencies },
  })
}
