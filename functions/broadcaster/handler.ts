import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { KinesisStreamEvent } from 'aws-lambda'

import { parseEnvironment } from '../shared/runtime/environment.ts'
import { createFeatureFlags, withFeatureFlag } from '../shared/runtime/feature-flags.ts'
import { LIMITS, limitedHttp } from '../shared/runtime/limited-http.ts'
import { createTelemetry } from '../shared/runtime/telemetry.ts'
import { createAudience } from './audience.ts'
import type { SentLive } from './broadcast-ticks.ts'
import {
  type BroadcasterMeasures,
  createBroadcast,
  createLiveBroadcast,
  createRoutes,
  type RouteEvent,
} from './broadcaster.ts'
import { createConnectionItems } from './connection-items.ts'
import { createConnectionStore } from './connection-store.ts'
import { createConnections } from './connections.ts'
import { broadcasterEnvironment } from './env.ts'
import { LiveTicks } from './live-ticks.ts'
import { createManagementClient } from './management-client.ts'
import { LIVE_PATIENCE, Patience } from './patience.ts'
import { createSubscriberIndex } from './subscriber-index.ts'

const SERVICE = 'broadcaster'

const environment = parseEnvironment(broadcasterEnvironment, process.env)
const { logger, measure } = createTelemetry(SERVICE)
const { FLAGS_PATH, LIVE_TICKS, TICKS_STREAM, NON_POSITIVE_PRICES } = environment
const names = LIVE_TICKS === 'on' ? (['broadcast', 'live-ticks'] as const) : (['broadcast'] as const)
const flags = createFeatureFlags<'broadcast' | 'live-ticks'>(FLAGS_PATH, names, { log: logger })
const dynamodb = new DynamoDBClient({ requestHandler: limitedHttp(LIMITS.dynamodb) })
const store = createConnectionStore(
  createConnectionItems(dynamodb, environment.CONNECTIONS_TABLE),
  createSubscriberIndex(dynamodb, environment.SUBSCRIBERS_TABLE),
)
const deps = {
  store,
  audience: createAudience(store, Date.now),
  connections: createConnections(createManagementClient()),
  now: Date.now,
}
const telemetry = { logger, measure: measureBroadcast }

const consume = withFeatureFlag(flags, 'broadcast', createBroadcast(deps, telemetry))
const route = createRoutes(deps, telemetry)
const live = createLiveBroadcast(
  {
    ...deps,
    connections: createConnections(createManagementClient({ attempts: 1 }), new Patience(LIVE_PATIENCE)),
    live: new LiveTicks(),
    allowsNonPositive: NON_POSITIVE_PRICES,
  },
  { logger, measureLive },
  async () => (await flags.get('live-ticks')) === 'on' && (await flags.get('broadcast')) === 'on',
)

/** Sends a batch of `bars`, `signals` or `ticks` to WebSocket clients, or handles an event of such a client. */
export async function handler(event: KinesisStreamEvent | RouteEvent) {
  if (!('Records' in event)) return await route(event)
  const isOfTicks = event.Records[0]?.eventSourceARN.endsWith(`:stream/${TICKS_STREAM}`) === true
  return isOfTicks ? await live(event) : await consume(event)
}

function measureLive({ sent, dropped }: SentLive): void {
  measure({ counts: { LiveTicksSent: sent, LiveTicksDropped: dropped }, latencies: {} })
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
