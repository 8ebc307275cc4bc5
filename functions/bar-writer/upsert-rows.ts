import { failureKind } from '../shared/postgres/errors.ts'

/** A row that the database does not take, however often it is sent. */
export type RefusedRow<Row> = { readonly row: Row; readonly reason: string }

/** One statement may not touch a row twice: the highest revision of each key stays, the others are stale. */
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
 * Writes rows with one statement. Those that the database refuses are isolated by halving, so that the others land.
 *
 * @param write one statement for all rows; what it gives is collected
 * @throws what `write` throws when no row is to blame (the database is away, or lacks the table); some may have landed
 */
export async function upsertRows<Row, Landed>(
  rows: readonly Row[],
  write: (rows: readonly Row[]) => Promise<readonly Landed[]>,
): Promise<{ readonly landed: readonly Landed[]; readonly refused: readonly RefusedRow<Row>[] }> {
  if (rows.length === 0) return { landed: [], refused: [] }
  try {
    return { landed: await write(rows), refused: [] }
  } catch (error) {
    if (failureKind(error) !== 'data') throw error
    const [row] = rows
    if (row !== undefined && rows.length === 1)
      return { landed: [], refused: [{ row, reason: reasonOf(error) }] }
    const middle = Math.ceil(rows.length / 2)
    const first = await upsertRows(rows.slice(0, middle), write)
    const second = await upsertRows(rows.slice(middle), write)
    return {
      landed: [...first.landed, ...second.landed],
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
