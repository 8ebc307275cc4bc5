import * as z from 'zod'

import { FILLS, SESSIONS } from '../../api/bars/bar-choices.ts'
import { isTimeZone } from '../../api/bars/timeframes.ts'
import { parseTimeframe } from '../../domain/calendar/timeframe.ts'
import { symbolsOf, taskMinute } from '../task.ts'

/** The files in which bars are exported. */
export const EXPORT_FORMATS = ['csv', 'ndjson', 'arrow', 'parquet'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** An export has at most so many symbols. */
export const MAX_EXPORT_SYMBOLS = 5000

/** How bars are exported. */
export const exportSpecSchema = z.object({
  timeframe: z
    .string()
    .refine((text) => parseTimeframe(text) !== undefined, 'a timeframe such as 1Min or 1Day'),
  /** From whose midnight longer bars are counted. */
  tz: z.string().refine(isTimeZone, 'the IANA name of a time zone, such as UTC or America/New_York'),
  /** Of which hours bars are made. */
  session: z.enum(SESSIONS).default('all'),
  /** What stands where a symbol has no bar. */
  fill: z.enum(FILLS).default('none'),
  format: z.enum(EXPORT_FORMATS),
  numbers: z.enum(['number', 'string']),
  /** Bars as they were known then; Unix milliseconds. */
  asof: z.int(),
  /** Of the object in the bucket. */
  key: z.string().min(1),
})
export type ExportSpec = z.infer<typeof exportSpecSchema>

/** How far an export is that goes on in another call: what has been counted of it. */
export const exportPlaceSchema = z.strictObject({ bars: z.int(), bytes: z.int(), symbols: z.int() })
export type ExportPlace = z.output<typeof exportPlaceSchema>

/** What the rebuilder is called with to export bars. */
export const exportTaskSchema = z.strictObject({
  type: z.literal('export'),
  symbols: symbolsOf(MAX_EXPORT_SYMBOLS),
  /** Bars that begin then or later, and before `to`. */
  from: taskMinute,
  to: taskMinute,
  ...exportSpecSchema.shape,
  /** Where the call before ended. */
  place: exportPlaceSchema.optional(),
})
export type ExportTask = z.output<typeof exportTaskSchema>
export type ExportTaskEvent = z.input<typeof exportTaskSchema>
