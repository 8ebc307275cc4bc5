import type { JobView } from '../../../functions/jobs/job-view.ts'
import { count } from '../../terminal/screen.ts'
import { printLine, printText } from '../../terminal/print.ts'
import { table } from '../../terminal/table.ts'
import type { DeployedStage } from '../find-deployment.ts'
import { openJobs } from './call-jobs.ts'
import { followJob, outcomeText } from './follow-job.ts'

/** Who gives a command, for the record of the job. */
export function whoAsks(environment: NodeJS.ProcessEnv = process.env): string {
  return `${environment['USER'] ?? environment['USERNAME'] ?? 'somebody'} on the command line`.slice(0, 200)
}

const LISTED = 20

type Printed = { readonly json?: boolean }

/** Prints the newest jobs, one a line. */
export async function listJobs(
  deployed: DeployedStage,
  { json, limit = LISTED }: Printed & { readonly limit?: number },
): Promise<number> {
  const { jobs } = await openJobs(deployed).list({ limit })
  if (json === true) return printed(JSON.stringify(jobs, null, 2))
  const rows = jobs.map((job) => [
    job.id,
    job.state,
    progressOf(job),
    count(job.symbol_count),
    job.from.slice(0, 16),
    job.to.slice(0, 16),
    job.submitted_by,
  ])
  printText(table(['id', 'state', 'tasks', 'symbols', 'from', 'to', 'by'], rows))
  return 0
}

/** Prints a job with its failed tasks, or shows it until it has ended. */
export async function showJob(
  deployed: DeployedStage,
  id: string,
  { json, follow }: Printed & { readonly follow?: boolean },
): Promise<number> {
  const jobs = openJobs(deployed)
  const job = await jobs.show(id)
  if (json === true) return printed(JSON.stringify(job, null, 2))
  const lines: (readonly [string, string | null])[] = [
    ['state', job.state],
    ['tasks', progressOf(job)],
    ['export', job.export === undefined ? null : `bars of ${job.export.timeframe}, ${job.export.format}`],
    ['symbols', namesOf(job.symbols)],
    ['from', job.from],
    ['to', job.to],
    ['submitted', `${job.submitted_at} by ${job.submitted_by}`],
    ['started', job.started_at],
    ['ended', job.ended_at],
    ['cancelled', job.cancelled_by && `by ${job.cancelled_by}`],
    ['download', job.download?.url ?? null],
  ]
  for (const [name, text] of lines) if (text !== null) printLine(`${name.padEnd(9)}  ${text}`)
  if (follow === true && job.ended_at === null)
    return (await followJob(jobs, id, whoAsks())).state === 'done' ? 0 : 1
  for (const line of outcomeText(job)) printLine(line)
  return 0
}

/** Starts no more tasks of a job. */
export async function cancelJob(deployed: DeployedStage, id: string): Promise<number> {
  const { state, tasks } = await openJobs(deployed).cancel(id, whoAsks())
  const running = tasks.running === 0 ? '' : `; ${tasks.running} of its tasks run and end by themselves`
  return printed(`${id} is ${state}${running}`)
}

/** Runs the tasks of a job again that failed, and those that it was cancelled before. */
export async function retryJob(deployed: DeployedStage, id: string): Promise<number> {
  const { tasks } = await openJobs(deployed).retry(id)
  return printed(`${id} is open again: ${count(tasks.waiting)} of ${count(tasks.total)} tasks wait`)
}

const MOST_NAMED = 10

function namesOf(symbols: readonly string[]): string {
  const others = symbols.length - MOST_NAMED
  return `${symbols.slice(0, MOST_NAMED).join(',')}${others > 0 ? ` and ${count(others)} more` : ''}`
}

function progressOf({ tasks: { total, done, failed } }: JobView): string {
  return `${count(done)} of ${count(total)}${failed === 0 ? '' : `, ${count(failed)} failed`}`
}

function printed(text: string): number {
  printText(`${text}\n`)
  return 0
}
