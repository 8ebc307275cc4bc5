import * as z from 'zod'

import type { Queryable } from '../shared/postgres/database.ts'

/** Symbols of one answer: what a call of the function may answer with. */
const MAX_SYMBOLS = 20_000

/** What asks for the newest bars: `{"type":"newest-bars","after":"AAPL"}`; of all symbols from the first on without `after`. */
export const newestBarsSchema = z.strictObject({
  type: z.literal('newest-bars'),
  /** Symbols up to this one were answered before. */
  after: z.string().default(''),
})

/** The symbols that have bars, in their order, and the start of the newest one (Unix seconds). */
export type NewestBars = {
  readonly symbols: readonly (readonly [symbol: string, start: number])[]
  /** The symbol to go on after; undefined where these were the last. */
  readonly next: string | undefined
}

const SELECT = `
  SELECT symbol,
    (SELECT extract(epoch FROM max(timestamp))::float8 FROM ohlcv_1min WHERE symbol = known.symbol) AS start
  FROM symbols AS known WHERE symbol COLLATE "C" > $1 ORDER BY symbol COLLATE "C" LIMIT $2`

const rowsSchema = z.array(z.object({ symbol: z.string(), start: z.number().nullable() }))

/** The newest bar of each symbol of a database. */
export async function newestBars(
  database: Queryable,
  { after }: z.output<typeof newestBarsSchema>,
  most = MAX_SYMBOLS,
): Promise<NewestBars> {
  const rows = rowsSchema.parse((await database.query(SELECT, [after, most])).rows)
  return {
    symbols: rows.flatMap(({ symbol, start }) => (start === null ? [] : [[symbol, start] as const])),
    next: rows.length === most ? rows.at(-1)?.symbol : undefined,
  }
}
