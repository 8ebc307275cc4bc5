import type { TakerSide } from '../tick.ts'

/** A trade as a venue sent it: the numbers are decimal text with the venue's own digits. */
export type VenueTrade = {
  readonly symbol: string
  /** The venue's number of the trade, which counts up by one for each trade of the symbol. */
  readonly id: number
  /** Unix seconds, with a fraction as precise as the venue's. */
  readonly timestamp: string
  readonly price: string
  readonly volume: string
  /** Who took the liquidity, where the venue says so. */
  readonly side?: TakerSide
}

/**
 * A trade of a venue whose numbers do not count up by one: of several exchanges, each with numbers of its own, or of one whose
 * numbers say nothing. What was missed cannot be told from the numbers, and is asked for by time.
 */
export type TimedTrade = {
  readonly symbol: string
  /** What tells it from every other trade of the symbol within a day. */
  readonly key: string
  /** Its number on a line whose numbers grow; without one, the feed numbers it. */
  readonly number?: LineNumber
  /** Unix seconds, with a fraction as precise as the venue's. */
  readonly timestamp: string
  readonly price: string
  readonly volume: string
  /** Sale conditions as JSON. */
  readonly conditions?: string
  readonly tape?: string
  /** Who took the liquidity, where the venue says so. */
  readonly side?: TakerSide
  /** True where the venue says that it took the trade back. */
  readonly isCancelled?: boolean
}

export type LineNumber = { readonly line: string; readonly id: number }

/** What becomes of a trade of a `TimedVenue`. */
export type TimedEvent =
  | { readonly type: 'timed-trade'; readonly trade: TimedTrade }
  /** The trade as it was reported; its own time may be unknown. */
  | { readonly type: 'cancel'; readonly trade: TimedTrade }
  | { readonly type: 'correction'; readonly was: TimedTrade; readonly now: TimedTrade }

/** What a frame of a venue says. */
export type VenueEvent =
  | { readonly type: 'trade'; readonly trade: VenueTrade }
  | TimedEvent
  /** The symbol's newest trade has that id, whether or not it was sent. */
  | { readonly type: 'newest'; readonly symbol: string; readonly id: number }
  /** It may be told the keys. */
  | { readonly type: 'greeting' }
  /** It has taken the keys, and may be asked for symbols. */
  | { readonly type: 'authenticated' }
  | { readonly type: 'subscribed'; readonly symbols: readonly string[] }
  /** The venue does not send these symbols. */
  | { readonly type: 'refused'; readonly symbols: readonly string[]; readonly reason: string }
  /** It takes these keys for nothing, however often it is asked. */
  | { readonly type: 'denied'; readonly reason: string }
  /** Something that a reader should know, such as maintenance. */
  | { readonly type: 'notice'; readonly text: string }
  /** A message, beside others in the frame, that is none of the venue's. */
  | { readonly type: 'unreadable'; readonly reason: string }

/** Trades of a symbol that have not come, by their ids. */
export type MissingTrades = {
  readonly first: number
  readonly last: number
  /** Unix seconds of the trade before them. */
  readonly since: string
}

/** Asks the REST API of a venue; the answer is JSON whose numbers are `NumberText`. */
export type Get = (path: string) => Promise<unknown>

/** A key of a user, and the variables that may hold it. */
export type VenueKey = {
  readonly name: string
  readonly variables: readonly string[]
  readonly isOptional?: boolean
}

/** The values of keys, by name. */
export type Keys = Readonly<Record<string, string | undefined>>

type VenueBase = {
  /** In options and on the screen; also the name of the line on which its trades count, or its beginning. */
  readonly name: string
  readonly webSocketUrl: string
  readonly restUrl: string
  /** Milliseconds between two REST requests that its limits allow. */
  readonly restEveryMs: number
  /** Milliseconds after which the venue ends a connection. */
  readonly lifetimeMs?: number
  /** Its busiest symbols, for who names none. */
  readonly defaultSymbols: readonly string[]
  /** Symbols that one connection may have. */
  readonly symbolsPerConnection: number
  /** The keys that it wants. */
  readonly keys?: readonly VenueKey[]
  /** The frame that tells the keys, once the venue has greeted; without it, symbols are asked for at once. */
  readonly authenticate?: (keys: Keys) => string
  /** Headers of a REST request that hold the keys. */
  readonly restHeaders?: (keys: Keys) => Readonly<Record<string, string>>
  /** The frames that subscribe to the trades of symbols. */
  readonly subscribe: (symbols: readonly string[]) => readonly string[]
  /**
   * Reads a frame; what it does not need of it is nothing.
   *
   * @throws BadFrameError when it is none of the venue's
   */
  readonly read: (frame: string) => readonly VenueEvent[]
  /** The symbols that it trades: all, or of the wanted ones and what may be meant by them. */
  readonly symbols: (get: Get, wanted: readonly string[]) => Promise<ReadonlySet<string>>
  /** Why an answer of the REST API with status 200 is an error; `throttled` where it asks to wait. */
  readonly faultOf?: (
    answer: unknown,
  ) => { readonly reason: string; readonly isThrottled: boolean } | undefined
}

/** A venue whose trades of a symbol are numbered without a hole. */
export type NumberedVenue = VenueBase & {
  /** The missing trades, oldest first, in pages; trades around them may be among them. */
  readonly fill: (symbol: string, missing: MissingTrades, get: Get) => AsyncGenerator<readonly VenueTrade[]>
}

/** A venue whose trades can only be asked for by time. */
export type TimedVenue = VenueBase & {
  /** An account may have one connection: a second ends the first, or is refused. */
  readonly hasOneConnection: boolean
  /** The trades from a time on, Unix seconds, oldest first, in pages. */
  readonly fillSince: (symbol: string, since: string, get: Get) => AsyncGenerator<readonly TimedTrade[]>
}

/** How a venue is spoken to. An adapter holds no state: connections, retries and gaps are not its concern. */
export type Venue = NumberedVenue | TimedVenue

/** A frame that is none of the venue's. */
export class BadFrameError extends Error {
  override readonly name = 'BadFrameError'
}
