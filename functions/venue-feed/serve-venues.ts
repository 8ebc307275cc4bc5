import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'

import type { KinesisPort } from '../../feed/kinesis-port.ts'
import { PublishError, reasonOf } from '../../feed/errors.ts'
import { systemClock } from '../../feed/clock.ts'
import type { NamedVenue } from '../../feed/venues/parse-venue.ts'
import { runVenueFeed } from '../../feed/venues/venue-feed.ts'
import type { TradingHours } from '../shared/runtime/trading-hours.ts'
import type { Telemetry } from '../shared/runtime/telemetry.ts'
import { TablePlaces } from './table-places.ts'
import { VenueWatch } from './venue-watch.ts'

export type ServeOptions = {
  readonly venues: readonly NamedVenue[]
  /** Whether trades have their sides, where the venue says them. */
  readonly sides: boolean
  readonly hours: TradingHours
  readonly kinesis: KinesisPort
  readonly stream: string
  readonly dynamodb: DynamoDBClient
  readonly table: string
  readonly telemetry: Telemetry<'venue-feed'>
  readonly signal: AbortSignal
  /** Milliseconds after which a venue that has ended is tried again. @default 60,000 */
  readonly againMs?: number
  /** Milliseconds between two reports of the metrics. @default 60,000 */
  readonly metricsMs?: number
}

/**
 * Feeds from venues until the signal aborts. One that refuses its keys or its symbols is tried again, and leaves the others.
 *
 * @throws PublishError when the stream refuses the trades
 */
export async function serveVenues(options: ServeOptions): Promise<void> {
  const failed = new AbortController()
  const signal = AbortSignal.any([options.signal, failed.signal])
  const ended = await Promise.allSettled(
    options.venues.map(async (venue) => {
      try {
        await serve(venue, { ...options, signal })
      } catch (error) {
        failed.abort()
        throw error
      }
    }),
  )
  const fault = ended.find((each) => each.status === 'rejected')
  if (fault !== undefined) throw fault.reason
}

async function serve(
  { venue, symbols = venue.defaultSymbols }: NamedVenue,
  options: ServeOptions,
): Promise<void> {
  const { sides, hours, kinesis, stream, dynamodb, table, telemetry, signal } = options
  const { againMs = 60_000, metricsMs = 60_000 } = options
  const { logger } = telemetry
  const watch = new VenueWatch(symbols, hours)
  const minutes = setInterval(() => reportMinute(watch, { venue: venue.name, telemetry }), metricsMs)
  const report = (text: string): void => logger.info(text)
  try {
    while (!signal.aborted) {
      try {
        const places = await TablePlaces.open({ client: dynamodb, table, venue: venue.name, report })
        watch.restarted()
        try {
          await runVenueFeed({
            venue,
            symbols,
            sides,
            kinesis,
            stream,
            // Where a canary is under way, code of the release before reads most records: it knows no other.
            encoding: 'json',
            places,
            signal,
            report,
            onStatus: (status) => logger.info(`${venue.name}: the stream is ${status.type}`),
            onCounts: (counts) => watch.counted(counts),
            onConnected: () => watch.connected(),
            onTrade: (symbol, lagMs) => watch.traded(symbol, { now: Date.now(), lagMs }),
          })
        } finally {
          await places.flush()
        }
      } catch (error) {
        if (error instanceof PublishError) throw error
        logger.error(`${venue.name} is not fed: ${reasonOf(error)}; it is tried again in ${againMs / 1000} s`)
        await systemClock.sleep(againMs, signal)
      }
    }
  } finally {
    clearInterval(minutes)
    reportMinute(watch, { venue: venue.name, telemetry })
  }
}

function reportMinute(
  watch: VenueWatch,
  { venue, telemetry }: { readonly venue: string; readonly telemetry: Telemetry<'venue-feed'> },
): void {
  const { counts, reconnects, silent, lagMs } = watch.minute(Date.now())
  if (silent.length > 0) telemetry.logger.warn(`${venue}: no trade for 10 minutes: ${silent.join(', ')}`)
  telemetry.measure({
    counts: {
      TradesPut: counts.trades,
      TradesDuplicate: counts.duplicates,
      TradesFilled: counts.filled,
      TradesMissing: counts.missing,
      TradesCancelled: counts.cancelled,
      Reconnects: reconnects,
      SymbolsSilent: silent.length,
    },
    latencies: { VenueLag: lagMs === undefined ? [] : [lagMs] },
  })
}
