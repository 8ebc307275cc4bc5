import { MAX_SECONDS, MAX_SYMBOLS, type TaskEvent } from '../rebuilder/task.ts'
import type { JobSpec } from './job.ts'

/** A job has at most so many tasks: a century of a hundred symbols. */
export const MAX_TASKS = 36_525

/** Tasks of a job: one a day, UTC, and up to 100 symbols. */
export function countTasks({ symbols, from, to }: JobSpec): number {
  return daysOf({ from, to }) * groupsOf(symbols)
}

/** The task with this number; the days are in their order. */
export function taskOf({ symbols, from, to, replaces }: JobSpec, task: number): TaskEvent {
  const groups = groupsOf(symbols)
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

function groupsOf(symbols: readonly string[]): number {
  return Math.ceil(symbols.length / MAX_SYMBOLS)
}

function dayOf(seconds: number): number {
  return Math.floor(seconds / MAX_SECONDS)
}

/** A minute (Unix seconds) as ISO 8601. */
export function isoOf(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
}
