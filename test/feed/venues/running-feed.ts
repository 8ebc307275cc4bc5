import { VENUES } from '../../../feed/venues/index.ts'
import type { AnyPlace, Places } from '../../../feed/venues/places.ts'
import type { FillLimits } from '../../../feed/venues/symbol-feed.ts'
import { runVenueFeed, type VenueFeedOptions } from '../../../feed/venues/venue-feed.ts'
import type { Venue } from '../../../feed/venues/venue.ts'
import { jsonOf } from '../../../functions/aggregator/unpack-record.ts'
import { BEGIN } from '../../support/world.ts'
import { DIALECTS } from '../../venues/dialects.ts'
import { KEYED_DIALECTS } from '../../venues/keyed-dialects.ts'
import { Market } from '../../venues/market.ts'
import { VenueSimulator } from '../../venues/simulator.ts'
import { fakeKinesis } from '../fake-kinesis.ts'

/** A simulated venue, a stream, and what feeds between them. */
export type Stage = {
  readonly venue: Venue
  readonly market: Market
  readonly simulator: VenueSimulator
  readonly stream: ReturnType<typeof fakeKinesis>
  readonly symbols: readonly string[]
}

export async function openStage(name: string, { seed = 1 } = {}): Promise<Stage> {
  const dialect = [...DIALECTS, ...KEYED_DIALECTS].find((each) => each.name === name)
  const venue = VENUES.get(name)
  if (dialect === undefined || venue === undefined) throw new Error(`no venue ${name}`)
  const market = new Market({ seed, startMs: BEGIN * 1000 })
  const simulator = new VenueSimulator(dialect, market)
  return {
    venue: await simulator.start(venue),
    market,
    simulator,
    stream: fakeKinesis(),
    symbols: dialect.symbols.slice(0, 2),
  }
}

/** What the simulated venues take. */
export const KEYS = {
  APCA_API_KEY_ID: 'PK-SIMULATED-ID',
  APCA_API_SECRET_KEY: 'simulated-secret',
  MASSIVE_API_KEY: 'simulated-key',
}

/** Limits of a second in place of those of minutes. */
export const QUICK: FillLimits = {
  graceMs: 5,
  againMs: [5, 10],
  afterFailureMs: 5,
  heldTrades: 50_000,
  heldMs: 30_000,
}

export type RunningFeed = {
  readonly reports: readonly string[]
  readonly finished: ReturnType<typeof runVenueFeed>
  stop(): ReturnType<typeof runVenueFeed>
}

/** Starts a feed from the venue to the stream. */
export function startFeed(
  { venue, stream, symbols }: Stage,
  options: Partial<VenueFeedOptions> = {},
): RunningFeed {
  const reports: string[] = []
  const stopped = new AbortController()
  const finished = runVenueFeed({
    venue,
    symbols,
    kinesis: stream.kinesis,
    stream: stream.stream,
    places: memoryPlaces(),
    signal: stopped.signal,
    report: (text) => reports.push(text),
    random: () => 0.01,
    limits: QUICK,
    environment: KEYS,
    ...options,
  })
  finished.catch(() => undefined)
  return {
    reports,
    finished,
    stop: () => {
      stopped.abort()
      return finished
    },
  }
}

export function memoryPlaces(): Places & { kept: ReadonlyMap<string, AnyPlace> } {
  return {
    kept: new Map(),
    read() {
      return this.kept
    },
    write(places) {
      this.kept = places
    },
  }
}

type PutTrade = {
  readonly symbol: string
  readonly id: number
  readonly price: string
  readonly volume: string
  readonly timestamp: string
}

/** The trades on the stream, in their order. */
export function tradesOn(stream: Stage['stream']): PutTrade[] {
  return stream.read().flatMap(({ data }) => {
    const text = jsonOf(data)
    const symbol = String(JSON.parse(text).symbol)
    // Digits as they are on the stream.
    return [
      ...text.matchAll(/\[([^[\],]+),([^[\],]+),([^[\],]+),(\d+)(?:,(?:null|\[[^\]]*\]))?(?:,"\w+")?\]/g),
    ].map(([, timestamp = '', price = '', volume = '', id]) => ({
      symbol,
      id: Number(id),
      price: price.replaceAll('"', ''),
      volume: volume.replaceAll('"', ''),
      timestamp: timestamp.replaceAll('"', ''),
    }))
  })
}

/** The sides on the stream of a symbol, in the order of its trades. */
export function sidesOn(stream: Stage['stream'], symbol: string): unknown[] {
  return stream.read().flatMap(({ data }) => {
    const record = JSON.parse(jsonOf(data))
    return record.symbol === symbol ? record.ticks.map((tick: readonly unknown[]) => tick[5]) : []
  })
}

/** The ids on the stream of a symbol, in their order. */
export function idsOn(stream: Stage['stream'], symbol: string): number[] {
  return tradesOn(stream)
    .filter((trade) => trade.symbol === symbol)
    .map(({ id }) => id)
}
