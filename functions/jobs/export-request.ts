import * as z from 'zod'

import { EXPORT_FORMATS, MAX_EXPORT_SYMBOLS, exportSpecSchema } from '../rebuilder/export/export-task.ts'
import { isSymbol } from '../domain/trade.ts'
import type { JobSpec } from './job.ts'
import { jobMinute } from './job-minute.ts'

/** What an export is submitted with: `{"type":"export","symbols":["AAPL"],"from":"2025-11-10","format":"parquet"}`. */
export const exportRequestSchema = z.strictObject({
  type: z.literal('export'),
  symbols: z
    .array(z.string().refine(isSymbol, 'a symbol'), 'a list of symbols')
    .min(1, 'one symbol or more')
    .max(MAX_EXPORT_SYMBOLS, `at most ${MAX_EXPORT_SYMBOLS} symbols`)
    .transform((symbols) => [...new Set(symbols)].toSorted()),
  /** Bars begin then or later. */
  from: jobMinute,
  /** Bars begin before it. @default now */
  to: jobMinute.optional(),
  timeframe: exportSpecSchema.shape.timeframe.default('1Min'),
  /** From whose midnight longer bars are counted. */
  tz: exportSpecSchema.shape.tz.default('UTC'),
  format: z.enum(EXPORT_FORMATS, EXPORT_FORMATS.join(', ')),
  /** Decimals as numbers, or as text of exact digits. */
  numbers: z.enum(['number', 'string'], 'number or string').default('number'),
})

export type ExportRequest = z.output<typeof exportRequestSchema>

/** What a job exports that was submitted at a moment: the bars that were known then. */
export function exportOf(
  { format, timeframe, tz, numbers }: ExportRequest,
  { id, at }: { readonly id: string; readonly at: number },
): NonNullable<JobSpec['export']> {
  return { format, timeframe, tz, numbers, asof: at, key: `${EXPORTS_PREFIX}${id}/bars.${format}` }
}

/** What the keys of exports begin with. */
export const EXPORTS_PREFIX = 'exports/'
