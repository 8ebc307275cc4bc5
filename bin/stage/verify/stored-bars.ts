import type { Client } from 'pg'
import * as z from 'zod'

import { barKey } from './bar-differences.ts'
import type { PlainBar } from './plain-fold.ts'

export type SymbolBar = PlainBar & { readonly symbol: string }

/** Bars by `barKey`. */
export type BarsByKey = ReadonlyMap<string, SymbolBar>

const rowsSchema = z.array(
  z.object({
    symbol: z.string(),
    start: z.coerce.number(),
    open: z.string(),
    high: z.string(),
    low: z.string(),
    close: z.string(),
    volume: z.string(),
    vwap: z.string().nullable(),
    tradeCount: z.coerce.number(),
  }),
)

const ROWS = `
  SELECT symbol, extract(epoch FROM timestamp)::bigint AS start, trim_scale(open) AS open,
    trim_scale(high) AS high, trim_scale(low) AS low, trim_scale(close) AS close, trim_scale(volume) AS volume,
    trim_scale(vwap) AS vwap, trade_count AS "tradeCount"
  FROM ohlcv_1min WHERE timestamp >= to_timestamp($1) AND timestamp < to_timestamp($2)`

/** The rows of some minutes; Unix seconds. */
export async function readStoredBars(client: Client, from: number, until: number): Promise<BarsByKey> {
  const { rows } = await client.query(ROWS, [from, until])
  return new Map(rowsSchema.parse(rows).map((row) => [barKey(row.symbol, row.start), row]))
}
