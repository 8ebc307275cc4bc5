import { join } from 'node:path'

import type { PublisherOptions } from '../../feed/publisher.ts'
import { VENUES } from '../../feed/venues/index.ts'
import { PlacesError, placesIn } from '../../feed/venues/places.ts'
import type { FeedCounts } from '../../feed/venues/symbol-feed.ts'
import { runVenueFeed, UnknownSymbolsError } from '../../feed/venues/venue-feed.ts'
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
 * @throws UsageError when one is unknown, or given twice
 */
export function chosenVenues({
  venue: given = [],
  symbols,
  venueServer,
}: VenueOptions): readonly ChosenVenue[] {
  const chosen = given.map((text) => {
    const [name = '', list] = text.split(/=(.*)/s)
    const venue = VENUES.get(name.toLowerCase())
    if (venue === undefined)
      throw new UsageError(`there is no venue ${name}; the venues are ${[...VENUES.keys()].join(', ')}`)
    const own = list?.split(',').map((each) => each.trim())
    const named = own ?? (typeof symbols === 'number' ? venue.defaultSymbols : symbols)
    return { venue: reachedAt(venue, venueServer), symbols: named }
  })
  const names = chosen.map(({ venue }) => venue.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new UsageError(`--venue ${twice} is given twice: name its symbols in one, ${twice}=SYMBOL,SYMBOL`)
  if (venueServer !== undefined && chosen.length !== 1)
    throw new UsageError(`--venue-server is for one --venue, and ${chosen.length} are given`)
  return chosen
}

function reachedAt(venue: Venue, server: string | undefined): Venue {
  if (server === undefined) return venue
  if (!/^https?:\/\/[^/]+$/.test(server))
    throw new UsageError(`--venue-server is ${server}; give it as https://HOST or http://HOST:PORT`)
  const { pathname } = new URL(venue.webSocketUrl)
  return { ...venue, restUrl: server, webSocketUrl: `${server.replace(/^http/, 'ws')}${pathname}` }
}

export type VenueTarget = Pick<PublisherOptions, 'kinesis' | 'stream' | 'onStatus'> & {
  /** Folder of the files that say how far each feed is. */
  readonly folder: string
  readonly signal: AbortSignal
  readonly print: (text: string) => void
  /** Shows what all feeds have counted. */
  readonly status?: (text: string) => void
}

/** Feeds from venues until the signal aborts; one that fails ends the others. */
export async function feedVenues(
  venues: readonly ChosenVenue[],
  { folder, signal, print, status, ...target }: VenueTarget,
): Promise<readonly FeedCounts[]> {
  const shown = new Map<string, FeedCounts>()
  const failed = new AbortController()
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
      failed.abort()
      const isTheUsers = error instanceof UnknownSymbolsError || error instanceof PlacesError
      throw isTheUsers ? new UsageError(error.message) : error
    }
  })
  const ended = await Promise.allSettled(feeds)
  const fault = ended.find((each) => each.status === 'rejected')
  if (fault !== undefined) throw fault.reason
  return ended.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
}

function statusOf(shown: ReadonlyMap<string, FeedCounts>): string {
  return [...shown]
    .map(
      ([name, { trades, filled, missing }]) =>
        `${name} ${count(trades)} trades, ${count(filled)} fetched, ${count(missing)} missing`,
    )
    .join('  ')
}
