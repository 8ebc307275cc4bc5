import * as z from 'zod'

import { FILLS, SESSIONS } from '../api/bars/bar-choices.ts'
import { EXPORT_FORMATS, type ExportSpec } from '../rebuilder/export/export-task.ts'
import { countsSchema, type Job, type JobSpec, stateOf } from './job.ts'
import { isoOf, taskOf } from './tasks.ts'

const time = z.string()

const exportViewSchema = z.object({
  timeframe: z.string(),
  tz: z.string(),
  session: z.enum(SESSIONS).default('all'),
  fill: z.enum(FILLS).default('none'),
  format: z.enum(EXPORT_FORMATS),
  numbers: z.enum(['number', 'string']),
  /** Its bars are those that were known then. */
  asof: time,
})

const viewFields = {
  id: z.string(),
  type: z.enum(['rebuild', 'export']),
  state: z.enum(['queued', 'running', 'cancelling', 'done', 'failed', 'cancelled']),
  symbol_count: z.int(),
  from: time,
  to: time,
  replace: z.boolean(),
  submitted_at: time,
  submitted_by: z.string(),
  started_at: time.nullable(),
  ended_at: time.nullable(),
  cancelled_by: z.string().nullable(),
  tasks: z.object({ total: z.int(), done: z.int(), failed: z.int(), running: z.int(), waiting: z.int() }),
  counts: countsSchema,
  /** Of an export. */
  export: exportViewSchema.optional(),
}

/** A job as a list has it. */
export const jobViewSchema = z.object(viewFields)
export type JobView = z.infer<typeof jobViewSchema>

/** A task that failed; `reason` names the hour. */
const failedTaskSchema = z.object({ symbols: z.array(z.string()), from: time, to: time, reason: z.string() })

const linkSchema = z.object({ url: z.url(), expires_at: time })

/** A link that anybody may open until it expires. */
export type Link = z.infer<typeof linkSchema>

/** A job by itself. */
export const wholeJobSchema = z.object({
  ...viewFields,
  symbols: z.array(z.string()),
  failures: z.array(failedTaskSchema),
  /** Of an export: where the object is once it is done, until it is deleted. */
  download: linkSchema.nullable().optional(),
})
export type WholeJob = z.infer<typeof wholeJobSchema>

export const jobListSchema = z.object({
  jobs: z.array(jobViewSchema),
  next_page_token: z.string().nullable(),
})
export type JobList = z.infer<typeof jobListSchema>

export function viewOf(job: Job): JobView {
  const { tasks: total, done, failures, running } = job
  return {
    id: job.id,
    type: job.export === undefined ? 'rebuild' : 'export',
    state: stateOf(job),
    symbol_count: job.symbols,
    from: isoOf(job.from),
    to: isoOf(job.to),
    replace: job.replaces === 'all',
    submitted_at: timeText(job.submittedAt),
    submitted_by: job.submittedBy,
    started_at: job.startedAt === undefined ? null : timeText(job.startedAt),
    ended_at: job.endedAt === undefined ? null : timeText(job.endedAt),
    cancelled_by: job.cancelledBy ?? null,
    tasks: {
      total,
      done,
      failed: failures.length,
      running: running.length,
      waiting: total - done - failures.length - running.length,
    },
    counts: job.counts,
    ...(job.export && { export: exportViewOf(job.export) }),
  }
}

function exportViewOf({ timeframe, tz, session, fill, format, numbers, asof }: ExportSpec) {
  return { timeframe, tz, session, fill, format, numbers, asof: timeText(asof) }
}

export function wholeViewOf(job: Job, spec: JobSpec): WholeJob {
  return {
    ...viewOf(job),
    symbols: [...spec.symbols],
    failures: job.failures.map(({ task, reason }) => {
      const { symbols, from, ...rest } = taskOf(spec, task)
      // Signals are those from then on.
      const to = 'to' in rest ? rest.to : isoOf(spec.to)
      return { symbols: [...symbols], from, to, reason }
    }),
  }
}

function timeText(ms: number): string {
  return new Date(ms).toISOString()
}
