import * as z from 'zod'

import { connected } from './connected.ts'

/** Bars, and how many of them were corrected. */
export function countBars(url: string): Promise<{ bars: number; corrected: number }> {
  return connected(url, async (client) => {
    const { rows } = await client.query(
      'SELECT count(*)::int AS bars, count(*) FILTER (WHERE revision > 1)::int AS corrected FROM ohlcv_1min',
    )
    return z.object({ bars: z.int(), corrected: z.int() }).parse(rows[0])
  })
}
