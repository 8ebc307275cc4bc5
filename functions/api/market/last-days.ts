import * as z from 'zod'

import type { Queryable } from '../../shared/postgres/database.ts'

const daysSchema = z.array(z.object({ day: z.coerce.number(), symbols: z.array(z.string()) }))

const LAST_DAYS = `
  SELECT extract(epoch FROM last_day) * 1000 AS day, array_agg(symbol) AS symbols
  FROM symbols WHERE symbol = ANY($1::text[]) GROUP BY last_day`

/** Symbols by the UTC day of their newest bars, which is the only partition to look into; the day in Unix milliseconds. */
export async function lastDaysOf(
  database: Queryable,
  symbols: readonly string[],
): Promise<readonly { readonly day: number; readonly symbols: readonly string[] }[]> {
  return daysSchema.parse((await database.query(LAST_DAYS, [symbols])).rows)
}
