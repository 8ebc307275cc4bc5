import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { finished } from 'node:stream/promises'

import { Client } from 'pg'
import { z } from 'zod'

const PAGE = 10_000
const COLUMNS = [
  'symbol',
  'timestamp',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'vwap',
  'trade_count',
  'revision',
] as const
const rowsSchema = z.array(z.array(z.string().nullable()))

/**
 * Writes all bars to a CSV file, by symbol and time, numbers as exact decimals.
 *
 * @param url connects with the read-only role
 * @returns how many there are
 */
export async function writeBarsCsv(url: string, file: string): Promise<number> {
  const client = new Client(url)
  await client.connect()
  const output = createWriteStream(file)
  const done = finished(output)
  let bars = 0
  try {
    output.write(`${COLUMNS.join(',')}\n`)
    await client.query('BEGIN READ ONLY')
    await client.query(`DECLARE bars NO SCROLL CURSOR FOR
      SELECT symbol, to_char(timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        open::text, high::text, low::text, close::text, volume::text, vwap::text, trade_count::text, revision::text
      FROM ohlcv_1min ORDER BY symbol, timestamp`)
    for (;;) {
      const page = await client.query({ text: `FETCH ${PAGE} FROM bars`, rowMode: 'array' })
      const rows = rowsSchema.parse(page.rows)
      if (rows.length === 0) break
      bars += rows.length
      const text = rows.map((row) => row.map((cell) => cell ?? '').join(',')).join('\n')
      if (!output.write(`${text}\n`)) await once(output, 'drain')
    }
  } finally {
    output.end()
    await client.end()
  }
  await done
  return bars
}

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
