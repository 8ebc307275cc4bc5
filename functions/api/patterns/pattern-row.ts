import { z } from '@hono/zod-openapi'

import { timeSchema } from '../bars/bar-view.ts'
import { timeText } from '../http/time-text.ts'
import { decimalSchema, type NumberFormat, withNumbers } from '../http/numbers.ts'
import { type ColumnOf, type Table, tableOf } from '../http/table.ts'

const rowSchema = z.object({
  symbol: z.string(),
  type: z.string(),
  time: z.coerce.number(),
  timeframe: z.string(),
  confidence: z.string(),
  direction: z.string().nullable(),
  strength: z.number().nullable(),
  revision: z.number(),
  /** Null where the answer has found it. */
  detected: z.date().nullable(),
  /** JSON. */
  data: z.string(),
})

/** Patterns as they are read. */
export const patternRowsSchema = z.array(rowSchema)

export type PatternRow = Readonly<z.infer<typeof rowSchema>>

/** A detected pattern. */
export const patternSchema = z
  .object({
    symbol: z.string(),
    type: z.string(),
    t: timeSchema.openapi({ description: 'The start of the bar that completed the pattern' }),
    timeframe: z.string(),
    confidence: decimalSchema.openapi({ description: 'From 0 to 1' }),
    direction: z.string().nullable(),
    strength: z.number().nullable(),
    rev: z.int(),
    detected_at: z.iso
      .datetime()
      .nullable()
      .openapi({ description: 'Null where the pattern was found for this answer' }),
    data: z.record(z.string(), z.unknown()).openapi({
      description:
        'What the detector saw: candles and by how far conditions were met; with numbers=string all its numbers are text',
    }),
  })
  .openapi('Pattern')

/** A pattern as JSON has it. */
export function patternView({ time, revision, detected, data, ...row }: PatternRow, number: NumberFormat) {
  return {
    ...row,
    t: timeText(time),
    confidence: number(row.confidence),
    rev: revision,
    detected_at: detected?.toISOString() ?? null,
    data: withNumbers(data, number),
  }
}

const COLUMNS: readonly ColumnOf<PatternRow>[] = [
  ['symbol', 'text', ({ symbol }) => symbol],
  ['type', 'text', ({ type }) => type],
  ['t', 'second', ({ time }) => time * 1000],
  ['timeframe', 'text', ({ timeframe }) => timeframe],
  ['confidence', 'decimal', ({ confidence }) => confidence],
  ['direction', 'text', ({ direction }) => direction],
  ['strength', 'integer', ({ strength }) => strength],
  ['rev', 'integer', ({ revision }) => revision],
  ['detected_at', 'millisecond', ({ detected }) => detected?.getTime() ?? null],
  ['data', 'json', ({ data }) => data],
]

/** Patterns as a table. */
export function patternTable(rows: readonly PatternRow[]): Table {
  return tableOf(rows, COLUMNS)
}
