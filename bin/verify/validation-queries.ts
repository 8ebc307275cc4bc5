import type { Client } from 'pg'
import { z } from 'zod'

import { type Finding, finding } from './finding.ts'

/** The acceptance queries of the original project, word for word. */
export const VALIDATION_QUERIES = {
  recentBars: `SELECT symbol, timestamp, open, high, low, close, volume FROM ohlcv_1min WHERE timestamp > NOW() - INTERVAL '10 minutes' ORDER BY timestamp DESC`,
  duplicates: `SELECT symbol, timestamp, COUNT(*) FROM ohlcv_1min GROUP BY symbol, timestamp HAVING COUNT(*) > 1`,
  patterns: `SELECT pattern_type, COUNT(*), AVG(confidence) FROM intraday_patterns WHERE detection_timestamp > NOW() - INTERVAL '10 minutes' GROUP BY pattern_type`,
  indicators: `SELECT indicator_name, COUNT(*) FROM intraday_indicators WHERE calculation_timestamp > NOW() - INTERVAL '10 minutes' GROUP BY indicator_name`,
  symbolsPerMinute: `SELECT DATE_TRUNC('minute', timestamp) AS minute, COUNT(DISTINCT symbol) FROM ohlcv_1min WHERE timestamp > NOW() - INTERVAL '10 minutes' GROUP BY DATE_TRUNC('minute', timestamp) ORDER BY minute`,
} as const

const rowsSchema = z.array(z.looseObject({}))
const minutesSchema = z.array(z.object({ minute: z.date(), count: z.coerce.number() }))

/** So many bars without a pattern are no chance: of those of the synthetic feed one in three has one. */
const BARS_WITH_PATTERNS = 100

/** How far from all of the symbols a minute may be, as a share: a quiet symbol has a minute without a trade. */
const TOLERANCE = 0.1

/** Runs the five validation queries. */
export async function runValidationQueries(
  client: Client,
  { symbols }: { readonly symbols: number },
): Promise<Finding[]> {
  const rowsOf = async (name: keyof typeof VALIDATION_QUERIES) =>
    rowsSchema.parse((await client.query(VALIDATION_QUERIES[name])).rows)
  const bars = await rowsOf('recentBars')
  const duplicates = await rowsOf('duplicates')
  return [
    finding('query 1: bars of the last ten minutes', 'some', {
      found: `${bars.length} bars`,
      holds: bars.length > 0,
    }),
    finding('query 2: duplicates by symbol and timestamp', '0 rows', {
      found: `${duplicates.length} rows`,
      holds: duplicates.length === 0,
    }),
    signals('query 3: patterns by type', await rowsOf('patterns'), bars.length >= BARS_WITH_PATTERNS),
    signals('query 4: indicators by name', await rowsOf('indicators'), bars.length > 0),
    symbolsPerMinute(minutesSchema.parse(await rowsOf('symbolsPerMinute')), symbols),
  ]
}

/** What every bar has brought, once there are bars to bring it; `isDue` says whether there are. */
function signals(check: string, rows: readonly unknown[], isDue: boolean): Finding {
  if (rows.length > 0) return { check, expected: 'some', found: `${rows.length} kinds`, verdict: 'passed' }
  if (!isDue) return { check, expected: 'some', found: 'none yet', verdict: 'none-yet' }
  return { check, expected: 'some', found: 'none: is the flag analytics on?', verdict: 'failed' }
}

/** The first minute of the query is cut off by it, the last one is still being written. */
function symbolsPerMinute(minutes: z.infer<typeof minutesSchema>, symbols: number): Finding {
  const whole = minutes.slice(1, -1).map(({ count }) => count)
  const [low, high] = [Math.min(...whole), Math.max(...whole)]
  return finding('query 5: symbols per minute', `about ${symbols}`, {
    found: whole.length === 0 ? 'no whole minute' : `${low} to ${high}, in ${whole.length} minutes`,
    holds: whole.length > 0 && low >= symbols * (1 - TOLERANCE) && high <= symbols * (1 + TOLERANCE),
  })
}
