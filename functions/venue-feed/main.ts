import { DynamoDBClient } from '@aws-sdk/client-dynamodb'

import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import { reachedAt } from '../../feed/venues/reached-at.ts'
import { parseEnvironment } from '../shared/runtime/environment.ts'
import { LIMITS, limitedHttp } from '../shared/runtime/limited-http.ts'
import { createTelemetry } from '../shared/runtime/telemetry.ts'
import { venueFeedEnvironment } from './env.ts'
import { parseVenues } from '../../feed/venues/parse-venue.ts'
import { parseTradingHours } from '../shared/runtime/trading-hours.ts'
import { serveVenues } from './serve-venues.ts'

/** Runs in a container, not in Lambda: from its start until it gets SIGTERM. */
const { TICKS_STREAM, PLACES_TABLE, VENUES, VENUE_SIDES, TRADING_HOURS, VENUE_SERVER } = parseEnvironment(
  venueFeedEnvironment,
  process.env,
)
const stopped = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopped.abort())

await serveVenues({
  venues: parseVenues(VENUES).map(({ venue, symbols }) => ({
    venue: reachedAt(venue, VENUE_SERVER),
    symbols,
  })),
  sides: VENUE_SIDES === 'on',
  hours: parseTradingHours(TRADING_HOURS),
  kinesis: kinesisPort(createKinesisClient()),
  stream: TICKS_STREAM,
  dynamodb: new DynamoDBClient({
    requestHandler: limitedHttp(LIMITS.dynamodb),
  }),
  table: PLACES_TABLE,
  telemetry: createTelemetry('venue-feed'),
  signal: stopped.signal,
})
