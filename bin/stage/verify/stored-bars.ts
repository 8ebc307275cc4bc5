import type { Client } from 'pg'
import * as z from 'zod'

import { barKey, type StoredBar } from './bar-differences.ts'

/** Bars by `barKey`. */
export type BarsByKey<Bar> = ReadonlyMap<string, Bar & { readonly symbol: string }>

const rowsSchema = z.array(
  z.object({
    symbol: z.string(),
    start: z.coerce.number(),
    open: z.string(),
    high: z.string(),
    low: z.string(),
    close: z.string(),
    volume: z.string(),
    notional: z.string().nullable(),
    vwap: z.string().nullable(),
    tradeCount: z.coerce.number(),
    complete: z.boolean().nullable(),
  }),
)

const ROWS = `
  SELECT symbol, extract(epoch FROM timestamp)::bigint AS start, trim_scale(open) AS open,
    trim_scale(high) AS high, trim_scale(low) AS low, trim_scale(close) AS close, trim_scale(volume) AS volume,
    trim_scale(notional) AS notional, trim_scale(vwap) AS vwap, trade_count AS "tradeCount", complete
  FROM ohlcv_1min WHERE timestamp >= to_timestamp($1) AND timestamp < to_timestamp($2) AND NOT withdrawn AND source IS NULL`

/** The rows of some minutes; Unix seconds. */
export async function readStoredBars(
  client: Client,
  from: number,
  until: number,
): Promise<BarsByKey<StoredBar>> {
  const { rows } = await client.query(ROWS, [from, until])
  return new Map(rowsSchema.parse(rows).map((row) => [barKey(row.symbol, row.start), row]))
}
