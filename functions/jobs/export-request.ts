import * as z from 'zod'

import { FILLS, SESSIONS } from '../api/bars/bar-choices.ts'
import { EXPORT_FORMATS, exportSpecSchema } from '../rebuilder/export/export-task.ts'
import type { JobSpec } from './job.ts'
import { jobMinute } from './job-minute.ts'
import { jobSymbols } from './job-symbols.ts'

/** What an export is submitted with: `{"type":"export","symbols":["AAPL"],"from":"2025-11-10","format":"parquet"}`. */
export const exportRequestSchema = z.strictObject({
  type: z.literal('export'),
  symbols: jobSymbols,
  /** Bars begin then or later. */
  from: jobMinute,
  /** Bars begin before it. @default now */
  to: jobMinute.optional(),
  timeframe: exportSpecSchema.shape.timeframe.default('1Min'),
  /** From whose midnight longer bars are counted. */
  tz: exportSpecSchema.shape.tz.default('UTC'),
  /** Of which hours bars are made. */
  session: z.enum(SESSIONS, 'regular, extended or all').default('all'),
  /** What stands where a symbol has no bar. */
  fill: z.enum(FILLS, 'none, previous or zero').default('none'),
  format: z.enum(EXPORT_FORMATS, EXPORT_FORMATS.join(', ')),
  /** Decimals as numbers, or as text of exact digits. */
  numbers: z.enum(['number', 'string'], 'number or string').default('number'),
})

export type ExportRequest = z.output<typeof exportRequestSchema>

/** What a job exports that was submitted at a moment: the bars that were known then. */
export function exportOf(
  { format, timeframe, tz, session, fill, numbers }: ExportRequest,
  { id, at }: { readonly id: string; readonly at: number },
): NonNullable<JobSpec['export']> {
  const key = `${EXPORTS_PREFIX}${id}/bars.${format}`
  return { format, timeframe, tz, session, fill, numbers, asof: at, key }
}

/** What the keys of exports begin with. */
export const EXPORTS_PREFIX = 'exports/'
