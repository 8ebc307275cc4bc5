/** What of a consolidated bar a trade may change. `openClose` is what the plans call "last". */
export type Updates = { readonly highLow: boolean; readonly openClose: boolean; readonly volume: boolean }

/** A sale condition: how the feed spells it, its name, what a trade that carries it may change. */
export type SaleCondition<Code> = readonly [code: Code, name: string, updates: Updates]

export const ALL: Updates = { highLow: true, openClose: true, volume: true }

/** All but the last: the price was formed earlier than the trade was reported. */
export const NOT_LAST: Updates = { highLow: true, openClose: false, volume: true }

/** The price is not that of the market at the time of the trade. */
export const VOLUME: Updates = { highLow: false, openClose: false, volume: true }

/** A price without shares of its own. */
export const PRICES: Updates = { highLow: true, openClose: true, volume: false }

/** A notice in the form of a trade; the trades that it is about are reported besides. */
export const NOTHING: Updates = { highLow: false, openClose: false, volume: false }
