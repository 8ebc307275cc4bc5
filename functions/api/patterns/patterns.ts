import { z } from '@hono/zod-openapi'

import { patternsIn } from '../computed/compute-patterns.ts'
import { areStored, askedIn, cutQuery, cutsOf, signalParameters } from '../computed/signal-parameters.ts'
import { type Answer, endpoint } from '../endpoint.ts'
import { listOf, symbolsParameter } from '../http/parameters.ts'
import { BadRequestError } from '../http/problem.ts'
import { escapedLength, fitPage, shortened } from '../page/fit.ts'
import { pagingOf } from '../page/paging.ts'
import { lifetimeOf } from '../page/window.ts'
import { NAME } from './pattern-name.ts'
import { type PatternRow, patternSchema, patternTable, patternView } from './pattern-row.ts'
import { type PatternPlace, placeSchema, readPatterns } from './read-patterns.ts'

const MAX_TYPES = 100
const CONFIDENCE_ALLOWED = 'a number from 0 to 1'

/** Detected patterns. */
export const patterns = endpoint({
  path: '/v1/patterns',
  summary: 'Detected patterns',
  description:
    'By time, then by symbol and type. What a correction of its bar has taken back is left out. Those of another timeframe or session are found in the bars of `symbols` as they are now, once a bar is over.',
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
    ...signalParameters,
    sort: z.enum(['asc', 'desc'], 'asc or desc').default('desc').openapi({
      description: 'Order by time: the newest first, or the oldest',
    }),
  }),
  answer: z
    .object({ patterns: z.array(patternSchema), next_page_token: z.string().nullable() })
    .openapi('Patterns'),
  lists: 'rows',
  read: async ({ symbols, types, limit, numbers, min_confidence: confidence, ...given }, sources) => {
    const { sort: direction } = given
    const named = areStored(given) ? undefined : (symbols ?? refuseAll())
    const query = [
      'patterns',
      symbols,
      types,
      confidence,
      ...(direction === 'asc' ? [direction] : []),
      ...cutQuery(given),
    ]
    const { span, after, tokenOf } = pagingOf(query, {
      asked: askedIn(given),
      place: placeSchema,
      now: sources.now(),
    })
    const { rows: found, reached } = await readPatterns(sources, span, {
      symbols,
      types,
      confidence,
      direction,
      limit,
      after,
      ...(named !== undefined && {
        find: patternsIn(sources, {
          symbols: named,
          types,
          direction,
          confidence: Number(confidence),
          cutOf: cutsOf(given, named, sources),
        }),
      }),
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
        lifetime: lifetimeOf(span, undefined, sources.now()),
        ...shortened(rows.length, answer),
      }
    }
    return answer(limit)
  },
})

function refuseAll(): never {
  throw new BadRequestError([
    {
      parameter: 'symbols',
      value: null,
      allowed: 'up to 100 symbols, where patterns are not those of 1Min and all hours',
    },
  ])
}

function placeOf(row: PatternRow | undefined): PatternPlace | undefined {
  return row && { time: row.time * 1000, key: [row.symbol, row.type, row.timeframe] }
}

function placeAt(time: number | undefined): PatternPlace | undefined {
  return time === undefined ? undefined : { time, key: null }
}
