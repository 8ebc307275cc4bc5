import { failureKind } from '../shared/postgres/errors.ts'
import { minuteText } from '../shared/runtime/minute-text.ts'

/** A row that the database never accepts, however often it is sent. */
export type RefusedRow<Row> = { readonly row: Row; readonly reason: string }

/** A row that Postgres has returned, with its minute as records write it. */
export function inText<Row extends { readonly timestamp: Date }>(
  row: Row,
): Omit<Row, 'timestamp'> & { readonly timestamp: string } {
  return { ...row, timestamp: minuteText(row.timestamp.getTime() / 1000) }
}

/** Texts of JSON as one parameter, which `string_to_array($n, chr(1))` takes apart: an array of them would be quoted and unquoted. */
export function joined(texts: readonly string[]): string {
  return texts.join('\u0001')
}

/** One statement may not upsert a row twice: the highest revision of each key is written, the others are stale. */
export function newestRevisions<Row extends { readonly revision: number }>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): { readonly newest: readonly Row[]; readonly stale: readonly Row[] } {
  const newest = new Map<string, Row>()
  const stale: Row[] = []
  for (const row of rows) {
    const key = keyOf(row)
    const other = newest.get(key)
    if (other !== undefined && other.revision >= row.revision) {
      stale.push(row)
      continue
    }
    if (other !== undefined) stale.push(other)
    newest.set(key, row)
  }
  return { newest: [...newest.values()], stale }
}

/**
 * Rows in layers, to be written one after the other: one statement may not upsert a row twice, and each revision has to
 * be the row for a moment, so that it is kept when the next one replaces it. The first layer has the lowest revision of
 * each key, the second the next one, and so on; nearly every batch has one layer.
 */
export function revisionLayers<Row extends { readonly revision: number }>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): { readonly layers: readonly (readonly Row[])[]; readonly repeated: readonly Row[] } {
  const layers: Row[][] = []
  const repeated: Row[] = []
  for (const ofKey of Map.groupBy(rows, keyOf).values()) {
    const ascending = ofKey.toSorted((a, b) => a.revision - b.revision)
    let layer = 0
    for (const [place, row] of ascending.entries()) {
      if (ascending[place - 1]?.revision === row.revision) repeated.push(row)
      else (layers[layer++] ??= []).push(row)
    }
  }
  return { layers, repeated }
}

/**
 * Upserts rows with one statement. Where the database refuses it, bisects the rows, so that only bad rows are left out.
 *
 * @param upsert one statement for all rows; what it returns is collected
 * @throws what `upsert` throws when no row is the cause (the database is unavailable, or lacks the table); some rows may
 *   be written by then
 */
export async function upsertRows<Row, Result>(
  rows: readonly Row[],
  upsert: (rows: readonly Row[]) => Promise<readonly Result[]>,
): Promise<{ readonly upserted: readonly Result[]; readonly refused: readonly RefusedRow<Row>[] }> {
  if (rows.length === 0) return { upserted: [], refused: [] }
  try {
    return { upserted: await upsert(rows), refused: [] }
  } catch (error) {
    if (failureKind(error) !== 'data') throw error
    const [row] = rows
    if (row !== undefined && rows.length === 1)
      return { upserted: [], refused: [{ row, reason: reasonOf(error) }] }
    const middle = Math.ceil(rows.length / 2)
    const first = await upsertRows(rows.slice(0, middle), upsert)
    const second = await upsertRows(rows.slice(middle), upsert)
    return {
      upserted: [...first.upserted, ...second.upserted],
      refused: [...first.refused, ...second.refused],
    }
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const constraint =
    'constraint' in error && typeof error.constraint === 'string' ? ` (${error.constraint})` : ''
  return `${error.message}${constraint}`
}
