import { randomUUID } from 'node:crypto'

import { type Clock, systemClock } from '../clock.ts'
import { createPublisher, type Publisher, type PublisherOptions } from '../publisher.ts'
import type { Random } from '../random.ts'
import type { FeedTick } from '../tick.ts'
import { keepConnected, type KeptConnection } from './keep-connected.ts'
import { keysOf, keyVariablesOf, redactor } from './keys.ts'
import type { AnyPlace, Places } from './places.ts'
import type { PutTrade } from './recent-trades.ts'
import { createRest } from './rest-client.ts'
import { type FeedCounts, FILL_LIMITS, type FillLimits, SymbolFeed } from './symbol-feed.ts'
import { TimedFeed } from './timed-feed.ts'
import { UnknownSymbolsError, usableSymbols } from './usable-symbols.ts'
import type { Get, Keys, LineNumber, Venue, VenueEvent, VenueTrade } from './venue.ts'

export type VenueFeedOptions = Pick<
  PublisherOptions,
  'kinesis' | 'stream' | 'onStatus' | 'encoding' | 'maxBufferedTicks'
> & {
  readonly venue: Venue
  readonly symbols: readonly string[]
  /** Whether trades have their sides, where the venue says them. @default true */
  readonly sides?: boolean
  /** Where the last run ended, and this one notes how far it is. */
  readonly places: Places
  readonly signal: AbortSignal
  /** Takes what a user should know. */
  readonly report: (text: string) => void
  readonly clock?: Clock
  readonly random?: Random
  readonly limits?: Partial<FillLimits>
  /** @default 10,000 */
  readonly muteMs?: number
  readonly onCounts?: (counts: FeedCounts) => void
  /** Called when a connection is subscribed. */
  readonly onConnected?: () => void
  /** Called for each trade of a connection, with the milliseconds since it happened. */
  readonly onTrade?: (symbol: string, lagMs: number) => void
  /** Holds the keys of the venue. @default that of the process */
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/** The venue takes the keys for nothing. */
export class VenueDeniedError extends Error {
  override readonly name = 'VenueDeniedError'
}

const MUTE_MS = 10_000
const NOTE_EVERY_MS = 2000
/** How far a trade may be from this machine's clock before it is told, in seconds. */
const CLOCK_TOLERANCE_S = 10

/**
 * Puts the trades of a venue on a stream until the signal aborts: each once as far as the feed can see, with the venue's id,
 * and what it missed fetched again.
 *
 * @throws MissingKeysError when the venue wants keys, and they are not set
 * @throws VenueDeniedError when it refuses them
 * @throws UnknownSymbolsError when the venue has none of the symbols
 * @throws PublishError when the stream refuses them
 */
export async function runVenueFeed(options: VenueFeedOptions): Promise<FeedCounts> {
  const { clock = systemClock, venue, signal, environment = process.env } = options
  const stopped = new AbortController()
  const ending = AbortSignal.any([signal, stopped.signal])
  const keys = keysOf(venue, environment)
  const redact = redactor(keys)
  const report = (text: string): void => options.report(`${venue.name}: ${redact(text)}`)
  const get = createRest(venue, { clock, signal: ending, report, keys })
  const symbols = await usableSymbols(options, { get, report })
  const feed = new VenueFeed({ ...options, clock, signal: ending, symbols, get, report, keys, redact })
  const notes = setInterval(() => feed.note(), NOTE_EVERY_MS)
  try {
    await feed.run()
  } finally {
    stopped.abort()
    clearInterval(notes)
    await feed.end()
  }
  return feed.counts()
}

type Running = VenueFeedOptions & {
  readonly clock: Clock
  readonly get: Get
  readonly keys: Keys
  readonly redact: (text: string) => string
}

class VenueFeed {
  readonly #options: Running
  readonly #publisher: Publisher
  readonly #feeds: ReadonlyMap<string, SymbolFeed | TimedFeed>
  readonly #failed = Promise.withResolvers<never>()
  readonly #before: ReadonlyMap<string, AnyPlace>
  #connections: readonly KeptConnection[] = []
  #waits = 0
  #isClockTold = false
  #lastNumber = 0

  constructor(options: Running) {
    this.#options = options
    const { venue, symbols, places, clock } = options
    this.#failed.promise.catch(() => undefined)
    this.#publisher = createPublisher({
      kinesis: options.kinesis,
      stream: options.stream,
      ...(options.onStatus && { onStatus: options.onStatus }),
      // A compact record keeps the number and not its zeros, and a venue's trade is put as the venue wrote it.
      encoding: options.encoding ?? 'json',
      ...(options.maxBufferedTicks !== undefined && { maxBufferedTicks: options.maxBufferedTicks }),
      clock,
      // Two feeds of one venue, and a run and the next, number their records each by itself.
      source: `${venue.name}-${randomUUID().slice(0, 8)}`,
      maxAgeMs: 10,
      onAcknowledged: (symbol, ticks) => this.#feeds.get(symbol)?.acknowledge(ticks),
    })
    this.#before = places.read()
    this.#feeds = new Map(symbols.map((symbol) => [symbol, this.#feedOf(symbol)]))
  }

  #feedOf(symbol: string): SymbolFeed | TimedFeed {
    const { venue, get, report, clock, signal, limits } = this.#options
    const place = this.#before.get(symbol)
    const common = { symbol, report, clock, signal, limits: { ...FILL_LIMITS, ...limits } }
    return 'fill' in venue
      ? new SymbolFeed({
          ...common,
          place: place !== undefined && 'id' in place ? place : undefined,
          put: (trade) => this.#put(trade),
          fill: (missing) => venue.fill(symbol, missing, get),
        })
      : new TimedFeed({
          ...common,
          place: place !== undefined && 'keys' in place ? place : undefined,
          put: (trade, type) => this.#putTimed(trade, type),
          nextNumber: () => this.#nextNumber(),
          fillSince: (since) => venue.fillSince(symbol, since, get),
        })
  }

  /** Resolves when the signal aborts or no symbol is left; rejects when the stream refuses a put. */
  async run(): Promise<void> {
    const { venue, symbols, clock, signal, report, keys, random = Math.random } = this.#options
    const { muteMs = MUTE_MS } = this.#options
    this.#connections = groups(symbols, venue.symbolsPerConnection).map((group) =>
      keepConnected({
        venue,
        symbols: group,
        keys,
        muteMs,
        clock,
        random,
        signal,
        report,
        onEvent: (event) => this.#take(event),
        onConnecting: () => {
          for (const feed of this.#timed(group)) feed.connecting()
        },
        onConnected: () => {
          report(`connected, ${group.length} symbols`)
          this.#options.onConnected?.()
          for (const feed of this.#timed(group)) feed.connected()
        },
      }),
    )
    await Promise.race([Promise.all(this.#connections.map(({ finished }) => finished)), this.#failed.promise])
    if (!signal.aborted) throw new UnknownSymbolsError(`${venue.name}: it refused every symbol`)
  }

  /** Puts what was held back, and notes the places. */
  async end(): Promise<void> {
    await Promise.all(this.#connections.map(({ finished }) => finished))
    await Promise.all([...this.#feeds.values()].map((feed) => feed.settled()))
    await this.#publisher.close()
    this.note()
  }

  note(): void {
    const places = new Map<string, AnyPlace>(this.#before)
    for (const [symbol, feed] of this.#feeds) {
      const place = feed.place()
      if (place !== undefined) places.set(symbol, place)
    }
    this.#options.places.write(places)
    this.#options.onCounts?.(this.counts())
  }

  counts(): FeedCounts {
    const sum: FeedCounts = { trades: 0, duplicates: 0, filled: 0, missing: 0, cancelled: 0 }
    for (const { counts } of this.#feeds.values())
      for (const name of ['trades', 'duplicates', 'filled', 'missing', 'cancelled'] as const)
        sum[name] += counts[name]
    return sum
  }

  #timed(symbols: readonly string[]): readonly TimedFeed[] {
    return symbols.flatMap((symbol) => {
      const feed = this.#feeds.get(symbol)
      return feed instanceof TimedFeed ? [feed] : []
    })
  }

  #take(event: VenueEvent): void {
    if (event.type === 'trade' || event.type === 'newest') {
      if (event.type === 'trade') this.#checkClock(event.trade)
      const feed = this.#feeds.get(event.type === 'trade' ? event.trade.symbol : event.symbol)
      if (!(feed instanceof SymbolFeed)) return
      if (event.type === 'trade') feed.take(event.trade)
      else feed.newest(event.id)
    } else if (event.type === 'timed-trade' || event.type === 'cancel' || event.type === 'correction') {
      if (event.type === 'timed-trade') this.#checkClock(event.trade)
      const feed = this.#feeds.get(event.type === 'correction' ? event.now.symbol : event.trade.symbol)
      if (feed instanceof TimedFeed) feed.take(event)
    } else if (event.type === 'denied') this.#deny(event.reason)
  }

  #deny(reason: string): void {
    const { venue, redact } = this.#options
    const advice = `check ${keyVariablesOf(venue)}, and what the account may see`
    this.#failed.reject(new VenueDeniedError(`${venue.name}: it refuses: ${redact(reason)}; ${advice}`))
  }

  #nextNumber(): LineNumber {
    const { venue, clock } = this.#options
    this.#lastNumber = Math.max(this.#lastNumber + 1, Math.floor(clock.now() * 1000))
    return { line: `${venue.name}:by-arrival`, id: this.#lastNumber }
  }

  #put({ id, ...trade }: VenueTrade): void {
    this.#publish({
      ...trade,
      id: String(id),
      line: { name: this.#options.venue.name, isContiguous: true },
    })
  }

  #putTimed(trade: PutTrade, type: 'trade' | 'cancel'): void {
    const { symbol, timestamp, price, volume, conditions, tape, side, number } = trade
    this.#publish({
      symbol,
      timestamp,
      price,
      volume,
      id: String(number.id),
      line: { name: number.line, isContiguous: false },
      conditions,
      tape,
      side,
      ...(type === 'cancel' && { type }),
    })
  }

  #publish(tick: FeedTick): void {
    const { sides = true } = this.#options
    const room = this.#publisher.publish(sides ? tick : { ...tick, side: undefined })
    if (room === undefined) return
    // The stream takes less than the venue sends: frames wait with the venue, not here.
    if (this.#waits++ === 0) for (const connection of this.#connections) connection.pause()
    room.then(
      () => {
        if (--this.#waits === 0) for (const connection of this.#connections) connection.resume()
      },
      (error: unknown) => this.#failed.reject(error),
    )
  }

  #checkClock({ symbol, timestamp }: { readonly symbol: string; readonly timestamp: string }): void {
    const ahead = Number(timestamp) - this.#options.clock.now() / 1000
    this.#options.onTrade?.(symbol, Math.max(0, -ahead * 1000))
    if (this.#isClockTold || ahead < CLOCK_TOLERANCE_S) return
    this.#isClockTold = true
    this.#options.report(`its trades are ${ahead.toFixed(0)} s ahead of this machine's clock: set the clock`)
  }
}

function groups(symbols: readonly string[], size: number): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(symbols.length / size) }, (_, index) =>
    symbols.slice(index * size, (index + 1) * size),
  )
}
