import type { PatternsRecord } from '../shared/streams/records.ts'
import type { Queryable } from '../shared/postgres/database.ts'
import { joined, upsertRows, newestRevisions, type RefusedRow } from './upsert-rows.ts'

/**
 * A row of a pattern: found, or withdrawn by this revision of its minute. The higher of two revisions wins in whatever
 * order they arrive; for that a pattern is withdrawn by a row and not by a deletion.
 */
type PatternRow = {
  readonly record: PatternsRecord
  readonly revision: number
  readonly type: string
  readonly found: PatternsRecord['patterns'][number] | undefined
}

// A withdrawn pattern keeps the columns of its last revision; one that was never written has empty columns.
const UPSERT = `
  INSERT INTO intraday_patterns AS stored
    (symbol, timestamp, timeframe, pattern_type, revision, detection_timestamp, withdrawn,
     direction, strength, confidence, pattern_data)
  SELECT symbol, timestamp, timeframe, pattern_type, revision, to_timestamp(calculated_ms / 1000), withdrawn,
    direction, strength, confidence, pattern_data::jsonb
  FROM unnest(
    $1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::integer[], $6::float8[], $7::boolean[],
    $8::text[], $9::smallint[], $10::numeric[], string_to_array($11, chr(1))
  ) AS row (symbol, timestamp, timeframe, pattern_type, revision, calculated_ms, withdrawn,
     direction, strength, confidence, pattern_data)
  ORDER BY symbol, timestamp, timeframe, pattern_type
  ON CONFLICT (symbol, timestamp, timeframe, pattern_type) DO UPDATE SET
    revision = excluded.revision, withdrawn = excluded.withdrawn, written_at = now(),
    detection_timestamp = CASE WHEN excluded.withdrawn THEN stored.detection_timestamp ELSE excluded.detection_timestamp END,
    direction = CASE WHEN excluded.withdrawn THEN stored.direction ELSE excluded.direction END,
    strength = CASE WHEN excluded.withdrawn THEN stored.strength ELSE excluded.strength END,
    confidence = CASE WHEN excluded.withdrawn THEN stored.confidence ELSE excluded.confidence END,
    pattern_data = CASE WHEN excluded.withdrawn THEN stored.pattern_data ELSE excluded.pattern_data END
  WHERE excluded.revision > stored.revision`

/** The records of a batch that the database refused, each because of one of its rows. */
export type PatternsWritten = { readonly refused: readonly RefusedRow<PatternsRecord>[] }

/**
 * Upserts found and withdrawn patterns with one statement. Repeating it changes nothing.
 *
 * @throws what the database throws when no row is the cause
 */
export async function writePatterns(
  database: Queryable,
  records: readonly PatternsRecord[],
): Promise<PatternsWritten> {
  const { newest } = newestRevisions(records.flatMap(rowsOf), keyOf)
  const { refused } = await upsertRows(newest, (rows) => upsert(database, rows))
  return { refused: refused.map(({ row, reason }) => ({ row: row.record, reason })) }
}

function rowsOf(record: PatternsRecord): PatternRow[] {
  const { revision } = record
  return [
    ...record.patterns.map((found) => ({ record, revision, type: found.pattern_type, found })),
    ...record.withdrawn.map((type) => ({ record, revision, type, found: undefined })),
  ]
}

async function upsert(database: Queryable, rows: readonly PatternRow[]): Promise<[]> {
  await database.query(UPSERT, [
    rows.map(({ record }) => record.symbol),
    rows.map(({ record }) => record.timestamp),
    rows.map(({ record }) => record.timeframe),
    rows.map(({ type }) => type),
    rows.map(({ revision }) => revision),
    rows.map(({ record }) => record.calculated_at),
    rows.map(({ found }) => found === undefined),
    rows.map(({ found }) => found?.direction ?? null),
    rows.map(({ found }) => found?.strength ?? null),
    rows.map(({ found }) => found?.confidence ?? 0),
    joined(rows.map(({ found }) => JSON.stringify(found?.pattern_data ?? {}))),
  ])
  return []
}

function keyOf({ record, type }: PatternRow): string {
  return `${record.timestamp} ${record.timeframe} ${type} ${record.symbol}`
}
