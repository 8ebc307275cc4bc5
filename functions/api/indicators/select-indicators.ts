import * as z from 'zod'

import type { Queryable } from '../../shared/postgres/database.ts'

const rowSchema = z.object({
  symbol: z.string(),
  /** Unix seconds. */
  time: z.coerce.number(),
  revision: z.number(),
  /** Null where the answer has computed it. */
  calculated: z.date().nullable(),
  /** Names and exact decimals, by name. */
  entries: z.array(z.tuple([z.string(), z.string().nullable()])),
})
const rowsSchema = z.array(rowSchema)

/** The indicators of a symbol in a minute. */
export type IndicatorRow = Readonly<z.infer<typeof rowSchema>>

/** Columns of a row, of the table `indicator_values` under the name `stored`; `names` is SQL of a text array or null. */
export function indicatorColumns(names: string): string {
  return `
  stored.symbol, extract(epoch FROM stored.timestamp)::bigint AS time, stored.revision,
  stored.calculation_timestamp AS calculated,
  ARRAY(
    SELECT ARRAY[key, value] FROM jsonb_each_text(stored.indicators)
    WHERE ${names} IS NULL OR key = ANY(${names}) ORDER BY key
  ) AS entries`
}

/** SQL for rows that have values: that of a withdrawn bar has none. */
export const HAS_VALUES = `stored.indicators <> '{}'`

/** Runs a statement that selects `indicatorColumns`. */
export async function selectIndicators(
  database: Queryable,
  text: string,
  values: readonly unknown[],
): Promise<IndicatorRow[]> {
  return rowsSchema.parse((await database.query(text, values)).rows)
}
