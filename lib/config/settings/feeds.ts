import * as z from 'zod'

import { parseVenues } from '../../../feed/venues/parse-venue.ts'
import { textReadBy } from '../../../functions/shared/runtime/text-read-by.ts'
import { onOff, secretArn, wholeNumber } from '../field-types.ts'

/** Where trades come from. */
export const feedsSettings = {
  /**
   * AWS: a function that puts a minute of synthetic trades each minute, to see the system work without a feed.
   * @default off
   */
  syntheticFeed: onOff().default('off'),
  /**
   * Symbols of the synthetic feed.
   * @default 70
   */
  syntheticSymbols: wholeNumber({ min: 1, max: 10_000 }).default(70),
  /**
   * AWS: venues that a Fargate service feeds from, `NAME` or `NAME=SYMBOL,SYMBOL`, several as a list in `cdk.json` or with
   * spaces between them; `docs/venues.md` lists them.
   * @default none: no service
   */
  venues: z
    .union([z.array(z.string()).transform((names) => names.join(' ')), z.string()])
    .pipe(textReadBy(parseVenues))
    .default(''),
  /**
   * AWS: feeds of the venues that run side by side, each in a zone of its own; each trade counts once. Venues that allow an
   * account one connection (Alpaca, Massive) want 1.
   * @default 1
   */
  venueCopies: wholeNumber({ min: 1, max: 2 }).default(1),
  /**
   * AWS: whether trades of `venues` say who took the liquidity, where the venue tells it. Code of release 0.2 rejects such trades:
   * turn it on when no deployment of it is under way any more, nor a way back to it needed.
   * @default off
   */
  venueSides: onOff().default('off'),
  /**
   * AWS: the secret with the keys of the venues, JSON by the names of their variables, as `{"APCA_API_KEY_ID":"..."}`.
   * @default none
   */
  venueKeysSecretArn: secretArn().optional(),
}
