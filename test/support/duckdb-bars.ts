import { DuckDBInstance } from '@duckdb/node-api'
import * as z from 'zod'

import { barTextSchema } from './bar-text.ts'
import { plain } from './published-bars.ts'
import { type RecordedSet, tradesPath } from './trades.ts'

/** A minute of a set as DuckDB sees it; decimals are exact text without trailing zeros. */
export type OracleBar = z.infer<typeof barTextSchema>

const NUMBERS = ['open', 'high', 'low', 'close', 'volume', 'vwap', 'trade_count'] as const

/** What of a bar the oracle judges, spelled as it spells it. */
export function judged(bar: Omit<OracleBar, 'symbol' | 'timestamp'>): Record<string, string | null> {
  return Object.fromEntries(NUMBERS.map((name) => [name, bar[name] === null ? null : plain(bar[name])]))
}

/**
 * Every minute of a set by DuckDB's own arithmetic, an oracle that shares nothing with ours: prices and volumes as
 * integers of 10⁻⁸ in 128 bits, vwap rounded half up to 8 decimals, null when the volume is 0. By symbol and time.
 */
export async function duckdbBars(set: RecordedSet): Promise<ReadonlyMap<string, OracleBar>> {
  const connection = await (await DuckDBInstance.create()).connect()
  try {
    const result = await connection.runAndReadAll(`
      WITH trades AS (
        SELECT symbol, row_number() OVER () AS place,
          CAST(split_part(timestamp, '.', 1) AS BIGINT) // 60 * 60 AS minute,
          CAST(timestamp AS DECIMAL(20, 9)) AS happened,
          CAST(price AS DECIMAL(38, 8)) AS price, CAST(volume AS DECIMAL(38, 8)) AS volume
        FROM read_csv('${tradesPath(set)}', all_varchar = true, parallel = false)
      ), minutes AS (
        SELECT symbol, minute, count(*) AS trade_count, max(price) AS high, min(price) AS low,
          arg_min(price, (happened, place)) AS open, arg_max(price, (happened, place)) AS close, sum(volume) AS volume,
          sum(CAST(price * 100000000 AS HUGEINT) * CAST(volume * 100000000 AS HUGEINT)) AS notional_units,
          sum(CAST(volume * 100000000 AS HUGEINT)) AS volume_units
        FROM trades GROUP BY symbol, minute
      ), means AS (
        SELECT *, (2 * notional_units + volume_units) // nullif(2 * volume_units, 0) AS vwap_units FROM minutes
      )
      SELECT symbol, strftime(make_timestamp(minute * 1000000), '%Y-%m-%dT%H:%M:%SZ') AS timestamp,
        open::VARCHAR AS open, high::VARCHAR AS high, low::VARCHAR AS low, close::VARCHAR AS close,
        volume::VARCHAR AS volume, trade_count::VARCHAR AS trade_count, typeof(vwap_units) AS vwap_type,
        (vwap_units // 100000000)::VARCHAR || '.' || lpad((vwap_units % 100000000)::VARCHAR, 8, '0') AS vwap
      FROM means ORDER BY symbol, minute`)
    return new Map(
      result.getRowObjects().map((row) => {
        // A double would round by itself.
        z.literal('HUGEINT').parse(row['vwap_type'])
        const minute = barTextSchema.parse(row)
        return [`${minute.symbol} ${minute.timestamp}`, minute]
      }),
    )
  } finally {
    connection.closeSync()
  }
}
