import { type Client, DatabaseError } from 'pg'
import * as z from 'zod'

import type { Flag } from '../../../functions/shared/runtime/flag-names.ts'
import { type Finding, finding } from './finding.ts'
import { reasonOf } from './reason.ts'

/** The acceptance queries of the original project, word for word. */
const VALIDATION_QUERIES = {
  recentBars: `SELECT symbol, timestamp, open, high, low, close, volume FROM ohlcv_1min WHERE timestamp > NOW() - INTERVAL '10 minutes' ORDER BY timestamp DESC`,
  duplicates: `SELECT symbol, timestamp, COUNT(*) FROM ohlcv_1min GROUP BY symbol, timestamp HAVING COUNT(*) > 1`,
  patterns: `SELECT pattern_type, COUNT(*), AVG(confidence) FROM intraday_patterns WHERE detection_timestamp > NOW() - INTERVAL '10 minutes' GROUP BY pattern_type`,
  indicators: `SELECT indicator_name, COUNT(*) FROM intraday_indicators WHERE calculation_timestamp > NOW() - INTERVAL '10 minutes' GROUP BY indicator_name`,
  symbolsPerMinute: `SELECT DATE_TRUNC('minute', timestamp) AS minute, COUNT(DISTINCT symbol) FROM ohlcv_1min WHERE timestamp > NOW() - INTERVAL '10 minutes' GROUP BY DATE_TRUNC('minute', timestamp) ORDER BY minute`,
} as const

const rowsSchema = z.array(z.looseObject({}))
const minutesSchema = z.array(z.object({ minute: z.date(), count: z.coerce.number() }))

/** One in three bars of the synthetic feed has a pattern: so many bars without one are no coincidence. */
const BARS_WITH_PATTERNS = 100

/** Share of the symbols that a minute may lack: a quiet symbol has minutes without a trade. */
const TOLERANCE = 0.1

/** Counting duplicates reads all bars. */
const DUPLICATES_TIMEOUT = '10min'

/** Rows, or why the database gave none. */
type Answer = readonly unknown[] | string

/** Runs the five validation queries. */
export async function runValidationQueries(
  client: Client,
  { symbols, analytics }: { readonly symbols: number; readonly analytics: Flag | undefined },
): Promise<Finding[]> {
  const bars = await answer(client, 'recentBars')
  const duplicates = await answer(client, 'duplicates')
  const due = (count: number) => analyticsDue(analytics, countOf(bars) >= count)
  return [
    judged('query 1: bars of the last ten minutes', 'some', bars, (rows) => ({
      found: `${rows.length} bars`,
      holds: rows.length > 0,
    })),
    judged('query 2: duplicates by symbol and timestamp', '0 rows', duplicates, (rows) => ({
      found: `${rows.length} rows`,
      holds: rows.length === 0,
    })),
    signals('query 3: patterns by type', await answer(client, 'patterns'), due(BARS_WITH_PATTERNS)),
    signals('query 4: indicators by name', await answer(client, 'indicators'), due(1)),
    judged(
      'query 5: symbols per minute',
      `about ${symbols}`,
      await answer(client, 'symbolsPerMinute'),
      (rows) => symbolsPerMinute(minutesSchema.parse(rows), symbols),
    ),
  ]
}

/** A query that the database refuses is a failed check: the tables are missing, or denied to this role. */
async function answer(client: Client, name: keyof typeof VALIDATION_QUERIES): Promise<Answer> {
  try {
    await client.query('BEGIN')
    if (name === 'duplicates') await client.query(`SET LOCAL statement_timeout = '${DUPLICATES_TIMEOUT}'`)
    return rowsSchema.parse((await client.query(VALIDATION_QUERIES[name])).rows)
  } catch (error) {
    if (error instanceof DatabaseError) return reasonOf(error)
    throw error
  } finally {
    await client.query('ROLLBACK')
  }
}

function countOf(rows: Answer): number {
  return typeof rows === 'string' ? 0 : rows.length
}

function judged(
  check: string,
  expected: string,
  rows: Answer,
  judge: (rows: readonly unknown[]) => { readonly found: string; readonly holds: boolean },
): Finding {
  return finding(check, expected, typeof rows === 'string' ? { found: rows, holds: false } : judge(rows))
}

/** Whether there should be signals by now. */
type Due = 'due' | 'not-yet' | 'off'

function analyticsDue(analytics: Flag | undefined, isDue: boolean): Due {
  if (analytics === 'off') return 'off'
  return isDue ? 'due' : 'not-yet'
}

/** Judges rows that bars must have by now, unless analytics are off or too few bars have come. */
function signals(check: string, rows: Answer, due: Due): Finding {
  const expected = 'some'
  if (countOf(rows) > 0 || typeof rows === 'string')
    return judged(check, expected, rows, ({ length }) => ({ found: `${length} kinds`, holds: true }))
  if (due === 'off') return { check, expected, found: 'off, by the flag analytics', verdict: 'not-checked' }
  if (due === 'not-yet') return { check, expected, found: 'none yet', verdict: 'none-yet' }
  return { check, expected, found: 'none: is the flag analytics on?', verdict: 'failed' }
}

/** The first minute of the query is cut off by it, the last one is still being written. */
function symbolsPerMinute(minutes: z.infer<typeof minutesSchema>, symbols: number) {
  const whole = minutes.slice(1, -1).map(({ count }) => count)
  const [low, high] = [Math.min(...whole), Math.max(...whole)]
  return {
    found: whole.length === 0 ? 'no whole minute' : `${low} to ${high}, in ${whole.length} minutes`,
    holds: whole.length > 0 && low >= symbols * (1 - TOLERANCE) && high <= symbols * (1 + TOLERANCE),
  }
}
