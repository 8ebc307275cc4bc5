import { z } from '@hono/zod-openapi'

import { type Answer, endpoint } from '../endpoint.ts'
import { listOf, minuteParameters, symbolsParameter } from '../http/parameters.ts'
import { escapedLength, fitPage, shortened } from '../page/fit.ts'
import { withinKnownDays } from '../page/known-days.ts'
import { placeSymbol, placeTime } from '../page/page-token.ts'
import { pagingOf } from '../page/paging.ts'
import { walk } from '../page/walk.ts'
import { lifetimeOf } from '../page/window.ts'
import {
  type PatternRow,
  patternRowsSchema,
  patternSchema,
  patternTable,
  patternView,
} from './pattern-row.ts'

const NAME = /^[A-Za-z0-9_.-]{1,64}$/
const MAX_TYPES = 100
const CONFIDENCE_ALLOWED = 'a number from 0 to 1'

const name = z.string().regex(NAME)

/** The last pattern given, or the minute down to which, with all of it, there was time to look. */
const placeSchema = z.object({ time: placeTime, key: z.tuple([placeSymbol, name, name]).nullable() })

// $5 to $8: the minute, symbol, type and timeframe of the last one given.
const PATTERNS = `
  SELECT symbol, pattern_type AS type, extract(epoch FROM timestamp)::bigint AS time, timeframe, confidence, direction,
    strength, revision, detection_timestamp AS detected, pattern_data::text AS data
  FROM intraday_patterns
  WHERE timestamp >= $1 AND timestamp < $2 AND NOT withdrawn
    AND ($3::text[] IS NULL OR symbol = ANY($3)) AND ($4::text[] IS NULL OR pattern_type = ANY($4))
    AND ($5::timestamptz IS NULL OR timestamp < $5
      OR (timestamp = $5 AND (symbol, pattern_type, timeframe) > ($6::text, $7::text, $8::text)))
    AND confidence >= $9::numeric
  ORDER BY timestamp DESC, symbol, pattern_type, timeframe LIMIT $10`

/** Detected patterns. */
export const patterns = endpoint({
  path: '/v1/patterns',
  summary: 'Detected patterns',
  description:
    'Newest first, then by symbol and type. What a correction of its bar has taken back is left out.',
  parameters: z.object({
    symbols: symbolsParameter.optional(),
    types: listOf(
      (text) => NAME.test(text),
      MAX_TYPES,
      `1 to ${MAX_TYPES} types with commas between them, each of letters, digits or _ . -`,
    )
      .optional()
      .openapi({ type: 'string', description: 'Which types; all by default', example: 'doji,hammer' }),
    min_confidence: z
      .string()
      .regex(/^(0(\.\d{1,8})?|1(\.0{1,8})?)$/, CONFIDENCE_ALLOWED)
      .default('0')
      .openapi({ description: 'Only patterns of this confidence or more, from 0 to 1', example: '0.8' }),
    ...minuteParameters,
  }),
  answer: z
    .object({ patterns: z.array(patternSchema), next_page_token: z.string().nullable() })
    .openapi('Patterns'),
  lists: 'rows',
  read: async ({ symbols, types, limit, numbers, min_confidence: confidence, ...asked }, sources) => {
    const { database, now } = sources
    const paging = pagingOf(['patterns', symbols, types, confidence], {
      asked,
      place: placeSchema,
      now: now(),
    })
    const { span, after, tokenOf } = paging
    const last = after?.key ? [new Date(after.time), ...after.key] : [null, null, null, null]
    const rest = { from: span.from, to: untilOf(after) ?? span.to }
    const { rows: found, reached } = await walk(await withinKnownDays(database, rest, symbols), {
      direction: 'desc',
      limit,
      now,
      read: async ({ from, to }, wanted) => {
        const which = [symbols ?? null, types ?? null, ...last, confidence]
        const values = [new Date(from), new Date(to), ...which, wanted]
        return patternRowsSchema.parse((await database.query(PATTERNS, values)).rows)
      },
    })
    const sizeOf = (row: PatternRow) => escapedLength(patternView(row, numbers))
    const answer = (most: number): Answer => {
      const { rows, isCut } = fitPage(found, { limit: most, sizeOf })
      const next = isCut ? placeOf(rows.at(-1)) : placeAt(reached)
      const nextPageToken = next === undefined ? null : tokenOf(next)
      return {
        json: () => ({
          patterns: rows.map((row) => patternView(row, numbers)),
          next_page_token: nextPageToken,
        }),
        table: () => patternTable(rows),
        nextPageToken,
        lifetime: lifetimeOf(span, undefined, now()),
        ...shortened(rows.length, answer),
      }
    }
    return answer(limit)
  },
})

type Place = z.infer<typeof placeSchema>

/** The end of what follows a place: with its minute, which may have more patterns, or before it. */
function untilOf(after: Place | undefined): number | undefined {
  return after && (after.key === null ? after.time : after.time + 1)
}

function placeOf(row: PatternRow | undefined): Place | undefined {
  return row && { time: row.time * 1000, key: [row.symbol, row.type, row.timeframe] }
}

function placeAt(time: number | undefined): Place | undefined {
  return time === undefined ? undefined : { time, key: null }
}
