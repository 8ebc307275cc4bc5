import * as z from 'zod'

import { parseVenues } from '../../feed/venues/parse-venue.ts'
import { parseTradingHours } from '../shared/runtime/trading-hours.ts'
import { textReadBy } from '../shared/runtime/text-read-by.ts'

/** The environment of the venue feed beside the keys of its venues; set by `lib/venue-feed.ts`. */
export const venueFeedEnvironment = z.object({
  /** Name of the stream `ticks`. */
  TICKS_STREAM: z.string().min(1),
  /** Name of the table `venue-places`. */
  PLACES_TABLE: z.string().min(1),
  /** The venues, as the config has them. */
  VENUES: textReadBy(parseVenues),
  /** Whether trades have their sides. */
  VENUE_SIDES: z.enum(['on', 'off']),
  /** When a symbol without trades is one that is silent. */
  TRADING_HOURS: textReadBy(parseTradingHours),
  /** Where the one venue is reached, in a test. */
  VENUE_SERVER: z.url().optional(),
})

export type VenueFeedEnvironment = z.input<typeof venueFeedEnvironment>
