import {
  MAX_SECONDS,
  MAX_SIGNAL_SYMBOLS,
  MAX_SYMBOLS,
  type SignalTaskEvent,
  type TaskEvent,
} from '../rebuilder/task.ts'
import { exportPlaceSchema, type ExportTaskEvent } from '../rebuilder/export/export-task.ts'
import { signalPlaceSchema } from '../rebuilder/signal-place.ts'
import type { JobSpec, TaskPlace } from './job.ts'

/** A job has at most so many tasks: a century of a hundred symbols. */
export const MAX_TASKS = 36_525

/** What the rebuilder is called with for a task. */
export type JobTask = TaskEvent | SignalTaskEvent | ExportTaskEvent

/** Tasks of a job: one of an export; of a rebuild of its bars, and then of their signals, one for up to 10 symbols. */
export function countTasks({ symbols, ...span }: JobSpec): number {
  if (span.export !== undefined) return 1
  return countBarTasks({ ...span, symbols: symbols.length }) + Math.ceil(symbols.length / MAX_SIGNAL_SYMBOLS)
}

/** Those of bars, which come first: one a day, UTC, and up to 100 symbols; the only one of an export. */
export function countBarTasks({
  symbols,
  from,
  to,
  export: exported,
}: Pick<JobSpec, 'from' | 'to' | 'export'> & { readonly symbols: number }): number {
  return exported === undefined ? daysOf({ from, to }) * groupsOf(symbols) : 1
}

/** The task with this number, or what is left of it at a place; the days are in their order. */
export function taskOf(spec: JobSpec, task: number, place?: TaskPlace): JobTask {
  const { symbols, from, to, replaces } = spec
  if (spec.export !== undefined) return exportTaskOf(spec, spec.export, place)
  const ofSignals = task - countBarTasks({ from, to, symbols: symbols.length })
  if (ofSignals >= 0) {
    const start = ofSignals * MAX_SIGNAL_SYMBOLS
    const given = symbols.slice(start, start + MAX_SIGNAL_SYMBOLS)
    return {
      type: 'signals',
      symbols: given,
      from: isoOf(from),
      ...(place && { place: signalPlaceSchema.parse(place) }),
    }
  }
  const groups = groupsOf(symbols.length)
  const day = dayOf(from) + Math.floor(task / groups)
  const first = (task % groups) * MAX_SYMBOLS
  return {
    symbols: symbols.slice(first, first + MAX_SYMBOLS),
    from: isoOf(Math.max(from, day * MAX_SECONDS)),
    to: isoOf(Math.min(to, (day + 1) * MAX_SECONDS)),
    replaces,
  }
}

function exportTaskOf(
  { symbols, from, to }: JobSpec,
  { session, fill, ...others }: NonNullable<JobSpec['export']>,
  place: TaskPlace | undefined,
): ExportTaskEvent {
  return {
    type: 'export',
    symbols: [...symbols],
    from: isoOf(from),
    to: isoOf(to),
    ...others,
    // A rebuilder of before, beside which this one runs for some minutes, takes neither.
    ...(session !== 'all' && { session }),
    ...(fill !== 'none' && { fill }),
    ...(place && { place: exportPlaceSchema.parse(place) }),
  }
}

function daysOf({ from, to }: Pick<JobSpec, 'from' | 'to'>): number {
  return dayOf(to - 1) - dayOf(from) + 1
}

function groupsOf(symbols: number): number {
  return Math.ceil(symbols / MAX_SYMBOLS)
}

function dayOf(seconds: number): number {
  return Math.floor(seconds / MAX_SECONDS)
}

/** A minute (Unix seconds) as ISO 8601. */
export function isoOf(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
}
