import * as z from 'zod'

import type { Queryable } from '../../shared/postgres/database.ts'

const rowsSchema = z.array(
  z.object({
    symbol: z.string(),
    ex_date: z.string(),
    kind: z.enum(['split', 'dividend']),
    new_shares: z.string().nullable(),
    old_shares: z.string().nullable(),
    amount: z.string().nullable(),
  }),
)

/** A corporate action as it is stored; the ex-date as `2025-11-10`. */
export type StoredAction = Readonly<z.infer<typeof rowsSchema>[number]>

/** Before its first bar there is nothing to adjust. */
const SELECT = `
  SELECT symbol, to_char(ex_date, 'YYYY-MM-DD') AS ex_date, kind, trim_scale(new_shares)::text AS new_shares,
    trim_scale(old_shares)::text AS old_shares, trim_scale(amount)::text AS amount
  FROM corporate_actions JOIN symbols USING (symbol)
  WHERE symbol = ANY($1::text[]) AND kind = ANY($2::text[]) AND ex_date BETWEEN greatest($3::date, first_day) AND $4::date
  ORDER BY symbol, ex_date, kind`

/**
 * Reads the actions of symbols whose ex-dates are in a span.
 *
 * @param query.from a day as `2025-11-10`; `to` is included
 */
export async function selectActions(
  database: Queryable,
  {
    symbols,
    kinds,
    from,
    to,
  }: {
    readonly symbols: readonly string[]
    readonly kinds: readonly string[]
    readonly from: string
    readonly to: string
  },
): Promise<readonly StoredAction[]> {
  return rowsSchema.parse((await database.query(SELECT, [symbols, kinds, from, to])).rows)
}
