import { join } from 'node:path'

import type { PublisherOptions } from '../../feed/publisher.ts'
import { parseVenue } from '../../feed/venues/parse-venue.ts'
import { PlacesError, placesIn } from '../../feed/venues/places.ts'
import { reachedAt } from '../../feed/venues/reached-at.ts'
import type { FeedCounts } from '../../feed/venues/symbol-feed.ts'
import { keysOf, MissingKeysError } from '../../feed/venues/keys.ts'
import { UnknownSymbolsError } from '../../feed/venues/usable-symbols.ts'
import { runVenueFeed, VenueDeniedError } from '../../feed/venues/venue-feed.ts'
import type { Venue } from '../../feed/venues/venue.ts'
import { UsageError } from '../terminal/errors.ts'
import { count } from '../terminal/screen.ts'

export type VenueOptions = {
  /** `NAME` or `NAME=SYMBOL,SYMBOL`. */
  readonly venue?: readonly string[]
  /** Of venues that are given without symbols; a number is of the synthetic feed. */
  readonly symbols: number | readonly string[]
  /** Where the venue is reached, for a test network or a proxy. */
  readonly venueServer?: string
}

/** A venue and what is wanted of it. */
export type ChosenVenue = { readonly venue: Venue; readonly symbols: readonly string[] }

/**
 * The venues of the options.
 *
 * @throws UsageError when one is unknown, given twice, or wants keys that are not set
 */
export function chosenVenues({
  venue: given = [],
  symbols,
  venueServer,
}: VenueOptions): readonly ChosenVenue[] {
  const chosen = given.map((text) => {
    const { venue, symbols: own } = named(text)
    checkKeys(venue)
    const wanted = own ?? (typeof symbols === 'number' ? venue.defaultSymbols : symbols)
    return { venue: reached(venue, venueServer), symbols: wanted }
  })
  const names = chosen.map(({ venue }) => venue.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new UsageError(`--venue ${twice} is given twice: name its symbols in one, ${twice}=SYMBOL,SYMBOL`)
  if (venueServer !== undefined && chosen.length !== 1)
    throw new UsageError(`--venue-server is for one --venue, and ${chosen.length} are given`)
  return chosen
}

function named(text: string): ReturnType<typeof parseVenue> {
  try {
    return parseVenue(text)
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message)
    throw error
  }
}

/** Before anything is started. */
function checkKeys(venue: Venue): void {
  try {
    keysOf(venue, process.env)
  } catch (error) {
    if (error instanceof MissingKeysError) throw new UsageError(error.message)
    throw error
  }
}

function reached(venue: Venue, server: string | undefined): Venue {
  if (server !== undefined && !/^https?:\/\/[^/]+$/.test(server))
    throw new UsageError(`--venue-server is ${server}; give it as https://HOST or http://HOST:PORT`)
  return reachedAt(venue, server)
}

export type VenueTarget = Pick<PublisherOptions, 'kinesis' | 'stream' | 'onStatus' | 'encoding'> & {
  /** Whether trades have their sides. @default true */
  readonly sides?: boolean
  /** Folder of the files that say how far each feed is. */
  readonly folder: string
  readonly signal: AbortSignal
  readonly print: (text: string) => void
  /** Shows what all feeds have counted. */
  readonly status?: (text: string) => void
}

/**
 * Feeds from venues until the signal aborts. One that cannot be fed from is reported, and the others go on.
 *
 * @throws UsageError when no venue is left
 */
export async function feedVenues(
  venues: readonly ChosenVenue[],
  { folder, signal, print, status, ...target }: VenueTarget,
): Promise<readonly FeedCounts[]> {
  const shown = new Map<string, FeedCounts>()
  const failed = new AbortController()
  let left = venues.length
  const feeds = venues.map(async ({ venue, symbols }) => {
    try {
      return await runVenueFeed({
        ...target,
        venue,
        symbols,
        places: placesIn(join(folder, `fed-${venue.name}.json`)),
        signal: AbortSignal.any([signal, failed.signal]),
        report: print,
        onCounts: (counts) => status?.(statusOf(shown.set(venue.name, counts))),
      })
    } catch (error) {
      left--
      if (isOfOneVenue(error)) {
        if (left === 0) throw new UsageError(error.message, { cause: error })
        print(`${error.message}; the other venues go on`)
        return undefined
      }
      failed.abort()
      throw error
    }
  })
  const ended = await Promise.allSettled(feeds)
  const fault = ended.find((each) => each.status === 'rejected')
  if (fault !== undefined) throw fault.reason
  return ended.flatMap((each) =>
    each.status === 'fulfilled' && each.value !== undefined ? [each.value] : [],
  )
}

function isOfOneVenue(error: unknown): error is Error {
  return [UnknownSymbolsError, PlacesError, MissingKeysError, VenueDeniedError].some(
    (kind) => error instanceof kind,
  )
}

function statusOf(shown: ReadonlyMap<string, FeedCounts>): string {
  return [...shown]
    .map(
      ([name, { trades, filled, missing }]) =>
        `${name} ${count(trades)} trades, ${count(filled)} fetched, ${count(missing)} missing`,
    )
    .join('  ')
}
