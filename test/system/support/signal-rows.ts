import { Client } from 'pg'

import { startSymbol } from '../../../functions/analytics/state-codec.ts'
import { nameValues } from '../../../functions/domain/analysis.ts'
import { DEFAULT_INDICATORS } from '../../../functions/domain/indicators/table.ts'
import { DEFAULT_PATTERNS } from '../../../functions/domain/patterns/table.ts'
import { BarFold } from '../../../functions/domain/signals.ts'
import { readAnalysis } from '../../../functions/shared/runtime/analysis-fields.ts'
import { type BarRecord, barRecordSchema } from '../../../functions/shared/streams/records.ts'
import { toRevisedBar } from '../../../functions/analytics/revised-bar.ts'

const analysis = readAnalysis({
  indicators: DEFAULT_INDICATORS,
  patterns: DEFAULT_PATTERNS,
  vwapAnchor: 'America/New_York 00:00',
})

/** The rows of indicators and of standing patterns, by symbol and time. */
export type SignalRows = { readonly indicators: readonly unknown[]; readonly patterns: readonly unknown[] }

/** All signals of the database. */
export async function readSignals(url: string): Promise<SignalRows> {
  const client = new Client(url)
  await client.connect()
  try {
    const minute = `to_char(timestamp AT TIME ZONE 'UTC', 'DD HH24:MI') AS minute`
    const indicators = await client.query(
      `SELECT symbol, ${minute}, indicators FROM indicator_values WHERE indicators <> '{}'
       ORDER BY symbol, timestamp`,
    )
    const patterns = await client.query(
      `SELECT symbol, ${minute}, pattern_type, direction, strength FROM intraday_patterns
       WHERE NOT withdrawn ORDER BY symbol, timestamp, pattern_type`,
    )
    return { indicators: indicators.rows, patterns: patterns.rows }
  } finally {
    await client.end()
  }
}

/** All bars of the database that are not withdrawn, by symbol and time, as records of the stream. */
export async function readBarRecords(url: string): Promise<BarRecord[]> {
  const client = new Client(url)
  await client.connect()
  try {
    const { rows } = await client.query(`
      SELECT 'bar' AS type, symbol, to_char(timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS timestamp,
        '1Min' AS timeframe, revision, open::text, high::text, low::text, close::text, volume::text, notional::text,
        vwap::text, trade_count::int, complete, 0 AS closed_at
      FROM ohlcv_1min WHERE NOT withdrawn ORDER BY symbol, ohlcv_1min.timestamp`)
    return rows.map((row) => barRecordSchema.parse(row))
  } finally {
    await client.end()
  }
}

/** What bars, given by symbol and time, come to, by the domain alone. */
export function signalsOf(rows: readonly BarRecord[]): SignalRows {
  const bySymbol = [...Map.groupBy(rows, ({ symbol }) => symbol)]
  const found = bySymbol.flatMap(([symbol, ofSymbol]) => signalsOfSymbol(symbol, ofSymbol))
  return {
    indicators: found.map(({ symbol, minute, indicators }) => ({ symbol, minute, indicators })),
    patterns: found.flatMap(({ patterns }) => patterns),
  }
}

function signalsOfSymbol(symbol: string, rows: readonly BarRecord[]) {
  const bars = rows.map((row) => ({ ...toRevisedBar(row), revision: 1 }))
  const { signals } = new BarFold(analysis, startSymbol(analysis), { latenessSeconds: 120 }).take(bars)
  return signals.map(({ start, values, patterns }) => {
    const minute = new Date(start * 1000).toISOString().slice(8, 16).replace('T', ' ')
    const found = patterns
      .map(({ pattern, direction, strength }) => ({
        symbol,
        minute,
        pattern_type: pattern.name,
        direction,
        strength,
      }))
      .toSorted((a, b) => (a.pattern_type < b.pattern_type ? -1 : 1))
    return { symbol, minute, indicators: nameValues(analysis, values), patterns: found }
  })
}
