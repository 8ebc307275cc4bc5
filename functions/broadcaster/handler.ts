import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { MetricUnit } from '@aws-lambda-powertools/metrics'
import type { KinesisStreamEvent } from 'aws-lambda'

import { parseEnvironment } from '../shared/runtime/environment.ts'
import { createFeatureFlags, whenOn } from '../shared/runtime/feature-flags.ts'
import { createMetrics, createTelemetry } from '../shared/runtime/telemetry.ts'
import { type BroadcasterMeasures, createBroadcast, createRoutes, type RouteEvent } from './broadcaster.ts'
import { createConnectionStore } from './connection-store.ts'
import { createConnections } from './connections.ts'
import { broadcasterEnvironment } from './env.ts'
import { createManagementClient } from './management-client.ts'

const SERVICE = 'broadcaster'

const environment = parseEnvironment(broadcasterEnvironment, process.env)
const { logger } = createTelemetry(SERVICE)
const metrics = createMetrics(SERVICE)
const flags = createFeatureFlags(environment.FLAGS_PATH, ['broadcast'], { log: logger })
const parts = {
  store: createConnectionStore(new DynamoDBClient(), environment.CONNECTIONS_TABLE),
  connections: createConnections(createManagementClient()),
  now: Date.now,
}
const telemetry = { logger, measure }

const consume = whenOn(flags, 'broadcast', createBroadcast(parts, telemetry))
const route = createRoutes(parts, telemetry)

/** Sends a batch of `bars` or `signals` to WebSocket clients; or takes what such a client does. */
export async function handler(event: KinesisStreamEvent | RouteEvent) {
  return 'Records' in event ? await consume(event) : await route(event)
}

function measure({ connections, messages, failed, latencies }: BroadcasterMeasures): void {
  if (connections !== undefined) metrics.addMetric('Connections', MetricUnit.Count, connections)
  metrics.addMetric('MessagesSent', MetricUnit.Count, messages)
  metrics.addMetric('PostsFailed', MetricUnit.Count, failed)
  for (const latency of latencies) metrics.addMetric('BroadcastLatency', MetricUnit.Milliseconds, latency)
  // Every hundredth value of a metric publishes by itself.
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics()
}
