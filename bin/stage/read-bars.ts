import * as z from 'zod'

import { connected } from './connected.ts'

/** Bars, how many of them were corrected, and the trades that are in them. */
export function countBars(url: string): Promise<{ bars: number; corrected: number; trades: number }> {
  return connected(url, async (client) => {
    const { rows } = await client.query(
      'SELECT count(*)::int AS bars, count(*) FILTER (WHERE revision > 1)::int AS corrected, coalesce(sum(trade_count), 0)::float8 AS trades FROM ohlcv_1min WHERE NOT withdrawn',
    )
    return z.object({ bars: z.int(), corrected: z.int(), trades: z.int() }).parse(rows[0])
  })
}
