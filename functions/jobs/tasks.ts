import {
  MAX_SECONDS,
  MAX_SIGNAL_SYMBOLS,
  MAX_SYMBOLS,
  type SignalTaskEvent,
  type TaskEvent,
} from '../rebuilder/task.ts'
import type { SignalPlace } from '../rebuilder/signal-place.ts'
import type { JobSpec } from './job.ts'

/** A job has at most so many tasks: a century of a hundred symbols. */
export const MAX_TASKS = 36_525

/** Tasks of a job: of its bars, and then of their signals, one for up to 10 symbols. */
export function countTasks({ symbols, ...span }: JobSpec): number {
  return countBarTasks({ ...span, symbols: symbols.length }) + Math.ceil(symbols.length / MAX_SIGNAL_SYMBOLS)
}

/** Those of bars, which come first: one a day, UTC, and up to 100 symbols. */
export function countBarTasks({
  symbols,
  from,
  to,
}: Pick<JobSpec, 'from' | 'to'> & { readonly symbols: number }): number {
  return daysOf({ from, to }) * groupsOf(symbols)
}

/** The task with this number, or what is left of it at a place; the days are in their order. */
export function taskOf(spec: JobSpec, task: number, place?: SignalPlace): TaskEvent | SignalTaskEvent {
  const { symbols, from, to, replaces } = spec
  const ofSignals = task - countBarTasks({ from, to, symbols: symbols.length })
  if (ofSignals >= 0) {
    const start = ofSignals * MAX_SIGNAL_SYMBOLS
    const given = symbols.slice(start, start + MAX_SIGNAL_SYMBOLS)
    return { type: 'signals', symbols: given, from: isoOf(from), ...(place && { place }) }
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
