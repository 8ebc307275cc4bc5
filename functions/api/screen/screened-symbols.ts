import * as z from 'zod'

import { isSymbol } from '../../domain/trade.ts'
import type { Queryable } from '../../shared/postgres/database.ts'
import { DAY_MS } from '../http/times.ts'

/** Symbols, beginnings of symbols, and what they contain. */
export type WhichSymbols = {
  /** Each a symbol, or a beginning with a star behind it. */
  readonly entries: readonly string[]
  /** In any case. */
  readonly text: string | undefined
}

/** How far before a time the newest bar of a symbol is looked for. */
export const LOOK_BACK_DAYS = 7

const symbolsSchema = z.array(z.object({ symbol: z.string() }))
const lastSchema = z.tuple([z.object({ last: z.coerce.number().nullable() })])

// $1 symbols and $2 their beginnings, $3 part of them, $4 and $5 the first and last day on which they have bars.
const SYMBOLS = `
  SELECT symbol FROM symbols
  WHERE (symbol = ANY($1::text[]) OR EXISTS (SELECT FROM unnest($2::text[]) AS beginning WHERE starts_with(symbol, beginning)))
    AND ($3::text IS NULL OR position(lower($3) IN lower(symbol)) > 0)
    AND last_day >= ($4::timestamptz AT TIME ZONE 'UTC')::date AND first_day <= ($5::timestamptz AT TIME ZONE 'UTC')::date
  ORDER BY symbol`

const LAST = `SELECT extract(epoch FROM max(last_day)) * 1000 AS last FROM symbols`

/** Whether it is a symbol, or its beginning with a star; a star alone is all. */
export function isEntry(text: string): boolean {
  return text === '*' || isSymbol(text)
}

/**
 * Reads the symbols that may have a bar before a time.
 *
 * @param options.time Unix milliseconds
 * @param options.lookBack by how much before it a bar may begin, in milliseconds
 */
export async function symbolsUpTo(
  database: Queryable,
  { entries, text }: WhichSymbols,
  { time, lookBack }: { readonly time: number; readonly lookBack: number },
): Promise<readonly string[]> {
  const beginnings = entries.flatMap((entry) => (entry.endsWith('*') ? [entry.slice(0, -1)] : []))
  const days = [new Date(time - lookBack), new Date(time)]
  const { rows } = await database.query(SYMBOLS, [entries, beginnings, text ?? null, ...days])
  return symbolsSchema.parse(rows).map(({ symbol }) => symbol)
}

/** The end of the newest day of any symbol, or now where that is earlier, Unix milliseconds. */
export async function newestTime(database: Queryable, now: number): Promise<number> {
  const [{ last }] = lastSchema.parse((await database.query(LAST, [])).rows)
  return last === null ? now : Math.min(now, last + DAY_MS - 1)
}
