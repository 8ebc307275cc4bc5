import * as z from 'zod'

import type { Queryable } from '../../shared/postgres/database.ts'
import type { Sources } from '../endpoint.ts'
import { withinKnownDays } from '../page/known-days.ts'
import { placeSymbol, placeTime } from '../page/page-token.ts'
import type { Direction, Span } from '../page/read-plan.ts'
import { walk, type Walked } from '../page/walk.ts'
import { NAME } from './pattern-name.ts'
import { type PatternRow, patternRowsSchema } from './pattern-row.ts'

const name = z.string().regex(NAME)

/** The last pattern given, or the last minute that, with all of it, there was time to look at. */
export const placeSchema = z.object({
  time: placeTime,
  key: z.tuple([placeSymbol, name, name]).nullable(),
})

export type PatternPlace = z.infer<typeof placeSchema>

// $5 to $8: the minute, symbol, type and timeframe of the last one given.
function statement({ behind, order }: { readonly behind: '>' | '<'; readonly order: string }): string {
  return `
  SELECT symbol, pattern_type AS type, extract(epoch FROM timestamp)::bigint AS time, timeframe, confidence, direction,
    strength, revision, detection_timestamp AS detected, pattern_data::text AS data
  FROM intraday_patterns
  WHERE timestamp >= $1 AND timestamp < $2 AND NOT withdrawn
    AND ($3::text[] IS NULL OR symbol = ANY($3)) AND ($4::text[] IS NULL OR pattern_type = ANY($4))
    AND ($5::timestamptz IS NULL OR timestamp ${behind} $5
      OR (timestamp = $5 AND (symbol, pattern_type, timeframe) > ($6::text, $7::text, $8::text)))
    AND confidence >= $9::numeric
  ORDER BY timestamp ${order}, symbol, pattern_type, timeframe LIMIT $10`
}

const PATTERNS: Readonly<Record<Direction, string>> = {
  asc: statement({ behind: '>', order: 'ASC' }),
  desc: statement({ behind: '<', order: 'DESC' }),
}

type PatternQuery = {
  /** All when undefined. */
  readonly symbols: readonly string[] | undefined
  readonly types: readonly string[] | undefined
  readonly confidence: string
  readonly direction: Direction
  readonly limit: number
  /** Where the page before ended. */
  readonly after: PatternPlace | undefined
}

/** Reads patterns of a span; those that are stored, or what `find` finds in a piece of it. */
export async function readPatterns(
  { database, now }: Pick<Sources, 'database' | 'now'>,
  span: Span,
  { find, ...query }: PatternQuery & { readonly find?: (piece: Span) => Promise<readonly PatternRow[]> },
): Promise<Walked<PatternRow>> {
  const { symbols, direction, limit, after } = query
  const known = await withinKnownDays(database, restOf(span, query), symbols)
  return await walk(known, {
    direction,
    limit,
    now,
    read: async (piece, wanted) =>
      find === undefined
        ? await select(database, piece, { ...query, limit: wanted })
        : (await find(piece)).filter((row) => isBehind(row, after)),
  })
}

async function select(
  database: Queryable,
  { from, to }: Span,
  { symbols, types, confidence, direction, limit, after }: PatternQuery,
): Promise<readonly PatternRow[]> {
  const last = after?.key ? [new Date(after.time), ...after.key] : [null, null, null, null]
  const values = [new Date(from), new Date(to), symbols ?? null, types ?? null, ...last, confidence, limit]
  return patternRowsSchema.parse((await database.query(PATTERNS[direction], values)).rows)
}

/** What follows a place: with its minute, which may have more patterns, or behind it. */
function restOf({ from, to }: Span, { direction, after }: PatternQuery): Span {
  if (after === undefined) return { from, to }
  const own = after.key === null ? 0 : 1
  return direction === 'asc' ? { from: after.time + 1 - own, to } : { from, to: after.time + own }
}

/** Whether a row of what follows a place was not given. */
function isBehind({ time, symbol, type }: PatternRow, after: PatternPlace | undefined): boolean {
  if (after === undefined || after.key === null || time * 1000 !== after.time) return true
  const [lastSymbol, lastType] = after.key
  return symbol === lastSymbol ? type > lastType : symbol > lastSymbol
}
