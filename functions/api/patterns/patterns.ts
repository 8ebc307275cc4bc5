import { z } from '@hono/zod-openapi'

import { endpoint } from '../endpoint.ts'
import {
  described,
  limitParameter,
  listOf,
  numbersParameter,
  pageTokenParameter,
  symbolsParameter,
} from '../http/parameters.ts'
import { pageTokens, placeSymbol, placeTime } from '../page/page-token.ts'
import { lifetimeOf, spanOf } from '../page/window.ts'
import { patternRowsSchema, patternSchema, patternTable, patternView } from './pattern-row.ts'

const NAME = /^[A-Za-z0-9_.-]{1,64}$/
const MAX_TYPES = 100
const CONFIDENCE_ALLOWED = 'a number from 0 to 1'

const name = z.string().regex(NAME)
const placeSchema = z.object({
  time: placeTime,
  key: z.tuple([placeSymbol, name, name]),
  from: placeTime,
  to: placeTime,
})

// $5 to $8: the minute, symbol, type and timeframe of the last one given.
const PATTERNS = `
  SELECT symbol, pattern_type AS type, extract(epoch FROM timestamp)::bigint AS time, timeframe, confidence, direction,
    strength, revision, detection_timestamp AS detected, pattern_data AS data
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
    start: described('From this minute on; a day before `end` by default'),
    end: described('Up to this minute; now by default'),
    limit: limitParameter,
    page_token: pageTokenParameter,
    numbers: numbersParameter,
  }),
  answer: z
    .object({ patterns: z.array(patternSchema), next_page_token: z.string().nullable() })
    .openapi('Patterns'),
  lists: 'rows',
  read: async ({ symbols, types, limit, numbers, ...given }, { database, now }) => {
    const { start, end, min_confidence: confidence } = given
    const tokens = pageTokens(['patterns', symbols, types, confidence, start, end], placeSchema)
    const place = given.page_token === undefined ? undefined : tokens.decode(given.page_token)
    const { from, to } = place ?? spanOf(given, now())
    const until = place === undefined ? to : Math.min(to, place.time + 1)
    const last = place === undefined ? [null, null, null, null] : [new Date(place.time), ...place.key]
    const result = await database.query(PATTERNS, [
      new Date(from),
      new Date(until),
      symbols ?? null,
      types ?? null,
      ...last,
      confidence,
      limit + 1,
    ])
    const found = patternRowsSchema.parse(result.rows)
    const rows = found.slice(0, limit)
    const oldest = found.length > limit ? rows.at(-1) : undefined
    const nextPageToken =
      oldest === undefined
        ? null
        : tokens.encode({
            time: oldest.time * 1000,
            key: [oldest.symbol, oldest.type, oldest.timeframe],
            from,
            to,
          })
    return {
      json: { patterns: rows.map((row) => patternView(row, numbers)), next_page_token: nextPageToken },
      table: patternTable(rows),
      nextPageToken,
      lifetime: lifetimeOf({ from, to }, undefined, now()),
    }
  },
})
