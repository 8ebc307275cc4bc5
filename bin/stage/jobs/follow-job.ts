import { setTimeout } from 'node:timers/promises'

import type { JobView, WholeJob } from '../../../functions/jobs/job-view.ts'
import { countLine } from '../../terminal/count-lines.ts'
import { onInterrupt } from '../../terminal/interrupt.ts'
import { count, openScreen } from '../../terminal/screen.ts'
import { JobRefusedError, type JobsClient } from './call-jobs.ts'

const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 2000

/** Shows a job until it has ended, and answers with it then; the first Ctrl-C cancels it. */
export async function followJob(
  jobs: Pick<JobsClient, 'show' | 'cancel'>,
  id: string,
  by: string,
): Promise<WholeJob> {
  const screen = openScreen()
  const signal = onInterrupt(() =>
    screen.print(`cancelling the job ${id} after the tasks that run (Ctrl-C again: stop watching)`),
  )
  let isCancelled = false
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(1.5 * wait, LONGEST_WAIT_MS)) {
    if (signal.aborted && !isCancelled) {
      await cancel(jobs, id, by)
      isCancelled = true
    }
    const job = await jobs.show(id)
    if (job.ended_at !== null) {
      screen.end()
      screen.print(outcomeText(job))
      return job
    }
    screen.status(progressText(job))
    await setTimeout(wait, undefined, isCancelled ? {} : { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }
}

/** It may have ended meanwhile. */
async function cancel(jobs: Pick<JobsClient, 'cancel'>, id: string, by: string): Promise<void> {
  try {
    await jobs.cancel(id, by)
  } catch (error) {
    if (!(error instanceof JobRefusedError && error.kind === 'job-ended')) throw error
  }
}

function progressText({ type, state, tasks, counts, symbol_count: symbols }: JobView): string {
  if (type === 'export') {
    const [bars = 0, bytes = 0, done = 0] = [counts['bars'], counts['bytes'], counts['symbols']]
    const read = `${count(done)} of ${count(symbols)} symbols, ${count(bars)} bars, ${megabytes(bytes)} MB`
    return `exporting: ${read} (${state})`
  }
  const failed = tasks.failed === 0 ? '' : `, ${count(tasks.failed)} failed`
  const put = counts['put'] ?? 0
  return `rebuilding: ${count(tasks.done)} of ${count(tasks.total)} tasks${failed}, ${count(put)} bars put (${state})`
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}

/** What the rebuilder counts, in the order in which it is printed. */
const COUNTS: Readonly<Record<string, string>> = {
  put: 'bars put',
  withdrawn: 'bars withdrawn: all of their trades were cancelled',
  unchanged: 'bars as they were',
  'not-final': 'left: late trades may still change them',
  fewer: "left: they have more trades than the archive (--replace puts the archive's)",
  unarchived: 'left: the archive has no trade of their minutes',
  signals: 'indicators and patterns put',
  'signals-unchanged': 'indicators and patterns as they were',
  bars: 'bars exported',
  bytes: 'bytes',
  symbols: 'symbols',
}
const ALWAYS = { rebuild: new Set(['put', 'unchanged']), export: new Set(['bars', 'bytes']) } as const

/** What a job came to: its counts, which tasks have failed and why, and what to do about them. */
export function outcomeText({ id, type, state, tasks, counts, failures }: WholeJob): readonly string[] {
  const names = [...new Set([...Object.keys(COUNTS), ...Object.keys(counts)])]
  const lines = names
    .filter((name) => ALWAYS[type].has(name) || (counts[name] ?? 0) > 0)
    .map((name) => countLine(counts[name] ?? 0, COUNTS[name] ?? name))
  const failed = failures.map(
    ({ symbols, from, to, reason }) => `failed: ${namesOf(symbols)} from ${from} to ${to}: ${reason}`,
  )
  const left = tasks.total - tasks.done
  const rest =
    left === 0 || !['failed', 'cancelled'].includes(state)
      ? []
      : [
          `${count(left)} of ${count(tasks.total)} tasks are not done (${count(tasks.failed)} failed): npx tickstock jobs retry ${id} runs them again`,
        ]
  return [...lines, ...failed, ...rest]
}

const MOST_NAMED = 3

function namesOf(symbols: readonly string[]): string {
  const others = symbols.length - MOST_NAMED
  return `${symbols.slice(0, MOST_NAMED).join(',')}${others > 0 ? ` and ${others} more` : ''}`
}
