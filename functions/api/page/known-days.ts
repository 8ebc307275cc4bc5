import { DAY_MS } from '../http/times.ts'
import * as z from 'zod'

import type { Queryable } from '../../shared/postgres/database.ts'
import type { Span } from './read-plan.ts'

/** A shorter span is read without cutting it, which would cost as much. */
const SHORT_MS = 2 * DAY_MS

const bySymbolSchema = z.array(
  z.object({ symbol: z.string(), first: z.coerce.number(), last: z.coerce.number() }),
)
const overallSchema = z.tuple([z.object({ first: z.coerce.number(), last: z.coerce.number() })])

const OVERALL = `
  SELECT coalesce(extract(epoch FROM min(first_day)) * 1000, 0) AS first,
    coalesce(extract(epoch FROM max(last_day)) * 1000, 0) AS last
  FROM symbols WHERE $1::text[] IS NULL OR symbol = ANY($1)`

const BY_SYMBOL = `
  SELECT symbol, extract(epoch FROM first_day) * 1000 AS first, extract(epoch FROM last_day) * 1000 AS last
  FROM symbols WHERE symbol = ANY($1::text[]) ORDER BY symbol`

/** The part of a span in which the symbols have bars (all symbols when undefined), days and all; empty when in none. */
export async function withinKnownDays(
  database: Queryable,
  span: Span,
  symbols: readonly string[] | undefined,
): Promise<Span> {
  if (span.to - span.from <= SHORT_MS) return span
  const { rows } = await database.query(OVERALL, [symbols ?? null])
  return cut(span, overallSchema.parse(rows)[0])
}

/**
 * The part of a span in which each symbol has bars; those without any are left out.
 *
 * @param options.before milliseconds by which a bar may begin before its first minute
 */
export async function knownDaysOf(
  database: Queryable,
  span: Span,
  { symbols, before }: { readonly symbols: readonly string[]; readonly before: number },
): Promise<ReadonlyMap<string, Span>> {
  const { rows } = await database.query(BY_SYMBOL, [symbols])
  const known = new Map(bySymbolSchema.parse(rows).map((row) => [row.symbol, cut(span, row, before)]))
  return new Map(
    symbols.flatMap((symbol) => {
      const days = known.get(symbol)
      return days === undefined ? [] : [[symbol, days]]
    }),
  )
}

/** A day more on each side: a bar of New York's day begins before its first minute, and signals may overtake their bars. */
function cut(
  { from, to }: Span,
  { first, last }: { readonly first: number; readonly last: number },
  before = 0,
): Span {
  return { from: Math.max(from, first - Math.max(before, DAY_MS)), to: Math.min(to, last + 2 * DAY_MS) }
}
