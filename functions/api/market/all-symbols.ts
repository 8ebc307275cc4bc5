import * as z from 'zod'

import type { Queryable } from '../../shared/postgres/database.ts'

const rowsSchema = z.array(z.object({ symbol: z.string() }))

const SYMBOLS = `SELECT symbol FROM symbols ORDER BY symbol LIMIT $1`

/** All symbols, or so many of them. */
export async function allSymbols(database: Queryable, limit?: number): Promise<readonly string[]> {
  return rowsSchema.parse((await database.query(SYMBOLS, [limit ?? null])).rows).map(({ symbol }) => symbol)
}
