import * as z from 'zod'

import { exportPlaceSchema, exportSpecSchema } from '../rebuilder/export/export-task.ts'
import { signalPlaceSchema } from '../rebuilder/signal-place.ts'

/** What a task came to, or all tasks of a job: the rebuilder's counts by name, as `put` and `unchanged`. */
export const countsSchema = z.record(z.string(), z.int())
export type Counts = z.infer<typeof countsSchema>

/** What a job rebuilds or exports; the span in whole minutes, Unix seconds, `to` not in it. */
export const specSchema = z.object({
  symbols: z.array(z.string()).readonly(),
  from: z.int(),
  to: z.int(),
  replaces: z.enum(['more', 'all']),
  /** Of a job that exports. */
  export: exportSpecSchema.optional(),
})
export type JobSpec = z.infer<typeof specSchema>

/** Where a task goes on. */
export const taskPlaceSchema = z.union([signalPlaceSchema, exportPlaceSchema])
export type TaskPlace = z.output<typeof taskPlaceSchema>

/** A task by its number, and which try of it this is, from 1 on; `place` is where it goes on. */
const tryOfTask = z.object({ task: z.int(), attempt: z.int(), place: taskPlaceSchema.optional() })

/** A task that failed; `place` is where a retry goes on, since what is before it has been counted. */
const failureSchema = z.object({ task: z.int(), reason: z.string(), place: taskPlaceSchema.optional() })

/** The progress of a job. Its tasks are numbered from 0 on; times are Unix milliseconds. */
export const jobSchema = z.object({
  id: z.string(),
  /** Symbols in the spec, which is kept apart, since it may be large. */
  symbols: z.int(),
  from: z.int(),
  to: z.int(),
  replaces: z.enum(['more', 'all']),
  export: exportSpecSchema.optional(),
  tasks: z.int(),
  submittedAt: z.int(),
  submittedBy: z.string(),
  startedAt: z.int().optional(),
  endedAt: z.int().optional(),
  cancelledBy: z.string().optional(),
  /** The first task that was never started. */
  next: z.int(),
  /** Tasks to be tried again, before `next`. */
  again: z.array(tryOfTask).readonly(),
  /** Tasks that run, each until its lease ends, unless whoever runs it renews that. */
  running: z.array(tryOfTask.extend({ until: z.int() })).readonly(),
  done: z.int(),
  failures: z.array(failureSchema).readonly(),
  counts: countsSchema,
})
export type Job = z.infer<typeof jobSchema>

/** Where a job is. */
export type JobState = 'queued' | 'running' | 'cancelling' | 'done' | 'failed' | 'cancelled'

export function stateOf({ startedAt, endedAt, cancelledBy, failures }: Job): JobState {
  if (endedAt === undefined) {
    if (cancelledBy !== undefined) return 'cancelling'
    return startedAt === undefined ? 'queued' : 'running'
  }
  if (cancelledBy !== undefined) return 'cancelled'
  return failures.length > 0 ? 'failed' : 'done'
}

/** Of a job that does not end otherwise: after so many failed tasks no more are started. */
export const MAX_FAILURES = 25
