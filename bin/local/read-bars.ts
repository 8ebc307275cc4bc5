import { Client } from 'pg'
import * as z from 'zod'

/** Bars, and how many of them were corrected. */
export async function countBars(url: string): Promise<{ bars: number; corrected: number }> {
  const client = new Client(url)
  await client.connect()
  try {
    const { rows } = await client.query(
      'SELECT count(*)::int AS bars, count(*) FILTER (WHERE revision > 1)::int AS corrected FROM ohlcv_1min',
    )
    return z.object({ bars: z.int(), corrected: z.int() }).parse(rows[0])
  } finally {
    await client.end()
  }
}
