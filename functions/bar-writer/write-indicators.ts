import * as z from 'zod'
import type { Queryable } from '../shared/postgres/database.ts'
import type { IndicatorRow } from './indicator-row.ts'
import { inText, joined, upsertRows, newestRevisions, type RefusedRow } from './upsert-rows.ts'

// As for bars, a lower or equal revision changes nothing.
const UPSERT = `
  INSERT INTO indicator_values AS stored
    (symbol, timestamp, timeframe, revision, indicators, calculation_timestamp)
  SELECT symbol, timestamp, timeframe, revision, indicators::jsonb, to_timestamp(calculated_ms / 1000)
  FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::integer[], string_to_array($5, chr(1)), $6::float8[])
    AS row (symbol, timestamp, timeframe, revision, indicators, calculated_ms)
  ORDER BY symbol, timestamp, timeframe
  ON CONFLICT (symbol, timestamp, timeframe) DO UPDATE SET
    revision = excluded.revision, indicators = excluded.indicators,
    calculation_timestamp = excluded.calculation_timestamp, written_at = now()
  WHERE excluded.revision > stored.revision
  RETURNING symbol, timestamp, timeframe`

const returnedSchema = z.array(z.object({ symbol: z.string(), timestamp: z.date(), timeframe: z.string() }))

/** The indicators of a batch by their outcome; those in neither list were stale. */
export type IndicatorsWritten = {
  readonly written: readonly IndicatorRow[]
  readonly refused: readonly RefusedRow<IndicatorRow>[]
}

/**
 * Upserts indicators with one statement, a row for each minute. Repeating it changes nothing.
 *
 * @throws what the database throws when no row is the cause
 */
export async function writeIndicators(
  database: Queryable,
  records: readonly IndicatorRow[],
): Promise<IndicatorsWritten> {
  const { newest } = newestRevisions(records, keyOf)
  const { upserted, refused } = await upsertRows(newest, (rows) => upsert(database, rows))
  return { written: upserted, refused }
}

async function upsert(database: Queryable, rows: readonly IndicatorRow[]): Promise<IndicatorRow[]> {
  const result = await database.query(UPSERT, [
    rows.map(({ symbol }) => symbol),
    rows.map(({ timestamp }) => timestamp),
    rows.map(({ timeframe }) => timeframe),
    rows.map(({ revision }) => revision),
    joined(rows.map(({ values }) => values)),
    rows.map((row) => row.calculated_at),
  ])
  const wrote = new Set(returnedSchema.parse(result.rows).map((row) => keyOf(inText(row))))
  return rows.filter((row) => wrote.has(keyOf(row)))
}

function keyOf({
  symbol,
  timestamp,
  timeframe,
}: {
  readonly symbol: string
  readonly timestamp: string
  readonly timeframe: string
}): string {
  return `${timestamp} ${timeframe} ${symbol}`
}
