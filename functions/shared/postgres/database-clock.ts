import * as z from 'zod'

import type { Queryable } from './database.ts'

const rowsSchema = z.tuple([z.object({ now: z.coerce.number() })])

/** What the clock of the database shows, which says when rows were written; Unix milliseconds. */
export async function databaseNow(database: Queryable): Promise<number> {
  const { rows } = await database.query('SELECT floor(extract(epoch FROM clock_timestamp()) * 1000) AS now')
  return rowsSchema.parse(rows)[0].now
}
