import * as z from 'zod'

import type { Bar } from '../domain/bar.ts'
import type { Queryable } from '../shared/postgres/database.ts'

/** A bar as the database has it; decimals without trailing zeros, as bars have them. */
export type StoredBar = Omit<Bar, 'notional' | 'closedAt'> & {
  /** Null in a row of a release that did not write it. */
  readonly notional: string | null
  /** Whose bar it is, where it was imported and not made of trades. */
  readonly source: string | null
}

/** A span of time, Unix seconds; `to` is not in it. */
export type Span = { readonly from: number; readonly to: number }

/** What the rebuilder reads of the database. */
export type StoredBars = {
  /** Bars of some symbols, by symbol and start of their minute. */
  read(symbols: readonly string[], span: Span): Promise<ReadonlyMap<string, ReadonlyMap<number, StoredBar>>>
  /** Start of the newest bar of each symbol that has one made of trades, Unix seconds. */
  newest(symbols: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** Start of the first of the last `count` bars of a symbol before a time, Unix seconds; undefined where there is none. */
  startBefore(symbol: string, before: number, count: number): Promise<number | undefined>
}

const SELECT = `
  SELECT symbol, extract(epoch FROM timestamp)::float8 AS start, revision, trim_scale(open)::text AS open,
    trim_scale(high)::text AS high, trim_scale(low)::text AS low, trim_scale(close)::text AS close,
    trim_scale(volume)::text AS volume, trim_scale(vwap)::text AS vwap, trim_scale(notional)::text AS notional,
    trade_count::float8 AS "tradeCount", complete, withdrawn, source
  FROM ohlcv_1min
  WHERE symbol = ANY($1::text[]) AND timestamp >= to_timestamp($2) AND timestamp < to_timestamp($3)`

const NEWEST = `
  SELECT given AS symbol,
    (SELECT extract(epoch FROM max(timestamp))::float8 FROM ohlcv_1min
     WHERE symbol = given AND source IS NULL) AS start
  FROM unnest($1::text[]) AS given`

const START_BEFORE = `
  SELECT extract(epoch FROM min(timestamp))::float8 AS start FROM (
    SELECT timestamp FROM ohlcv_1min WHERE symbol = $1 AND timestamp < to_timestamp($2) AND NOT withdrawn AND source IS NULL
    ORDER BY timestamp DESC LIMIT $3
  ) AS before`

const rowsSchema = z.array(
  z.object({
    symbol: z.string(),
    start: z.number(),
    revision: z.number(),
    open: z.string(),
    high: z.string(),
    low: z.string(),
    close: z.string(),
    volume: z.string(),
    vwap: z.string().nullable(),
    notional: z.string().nullable(),
    tradeCount: z.number(),
    complete: z.boolean().nullable(),
    withdrawn: z.boolean(),
    source: z.string().nullable(),
  }),
)
const startSchema = z.tuple([z.object({ start: z.number().nullable() })])
const newestSchema = z.array(z.object({ symbol: z.string(), start: z.number().nullable() }))

/** The bars of a database, whose session may only read. */
export function createStoredBars(database: Queryable): StoredBars {
  return {
    read: async (symbols, { from, to }) => {
      const { rows } = await database.query(SELECT, [symbols, from, to])
      const bySymbol = Map.groupBy(rowsSchema.parse(rows), ({ symbol }) => symbol)
      return new Map(
        [...bySymbol].map(([symbol, bars]) => [symbol, new Map(bars.map((bar) => [bar.start, bar]))]),
      )
    },
    startBefore: async (symbol, before, count) => {
      const { rows } = await database.query(START_BEFORE, [symbol, before, count])
      return startSchema.parse(rows)[0].start ?? undefined
    },
    newest: async (symbols) => {
      const { rows } = await database.query(NEWEST, [symbols])
      return new Map(
        newestSchema
          .parse(rows)
          .flatMap(({ symbol, start }) => (start === null ? [] : [[symbol, start] as const])),
      )
    },
  }
}
