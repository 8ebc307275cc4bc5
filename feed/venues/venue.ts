/** A trade as a venue sent it: the numbers are decimal text with the venue's own digits. */
export type VenueTrade = {
  readonly symbol: string
  /** The venue's number of the trade, which counts up by one for each trade of the symbol. */
  readonly id: number
  /** Unix seconds, with a fraction as precise as the venue's. */
  readonly timestamp: string
  readonly price: string
  readonly volume: string
}

/** What a frame of a venue says. */
export type VenueEvent =
  | { readonly type: 'trade'; readonly trade: VenueTrade }
  /** The symbol's newest trade has that id, whether or not it was sent. */
  | { readonly type: 'newest'; readonly symbol: string; readonly id: number }
  | { readonly type: 'subscribed'; readonly symbols: readonly string[] }
  /** The venue does not send these symbols. */
  | { readonly type: 'refused'; readonly symbols: readonly string[]; readonly reason: string }
  /** Something that a reader should know, such as maintenance. */
  | { readonly type: 'notice'; readonly text: string }

/** Trades of a symbol that have not come, by their ids. */
export type MissingTrades = {
  readonly first: number
  readonly last: number
  /** Unix seconds of the trade before them. */
  readonly since: string
}

/** Asks the REST API of a venue; the answer is JSON whose numbers are `NumberText`. */
export type Get = (path: string) => Promise<unknown>

/** How a venue is spoken to. An adapter holds no state: connections, retries and gaps are not its concern. */
export type Venue = {
  /** In options and on the screen; also the name of the line on which its trades count. */
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
  /** The frames that subscribe to the trades of symbols. */
  readonly subscribe: (symbols: readonly string[]) => readonly string[]
  /**
   * Reads a frame; what it does not need of it is nothing.
   *
   * @throws BadFrameError when it is none of the venue's
   */
  readonly read: (frame: string) => readonly VenueEvent[]
  /** All symbols that it trades. */
  readonly symbols: (get: Get) => Promise<ReadonlySet<string>>
  /** The missing trades, oldest first, in pages; trades around them may be among them. */
  readonly fill: (symbol: string, missing: MissingTrades, get: Get) => AsyncGenerator<readonly VenueTrade[]>
  /** Why an answer of the REST API with status 200 is an error; `throttled` where it asks to wait. */
  readonly faultOf?: (
    answer: unknown,
  ) => { readonly reason: string; readonly isThrottled: boolean } | undefined
  /** A key for its REST API, where it wants one: the variable that holds it, and the header that it is sent in. */
  readonly restKey?: { readonly variable: string; readonly header: string }
}

/** A frame that is none of the venue's. */
export class BadFrameError extends Error {
  override readonly name = 'BadFrameError'
}
