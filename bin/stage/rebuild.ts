import { MAX_JOB_SYMBOLS } from '../../functions/jobs/job-symbols.ts'
import { isoOf } from '../../functions/jobs/tasks.ts'
import { UsageError } from '../terminal/errors.ts'
import { printLine } from '../terminal/print.ts'
import { openScreen } from '../terminal/screen.ts'
import { archivedSymbols, deployedArchive } from './archived-symbols.ts'
import type { DeployedStage } from './find-deployment.ts'
import { type JobsClient, openJobs } from './jobs/call-jobs.ts'
import { whoAsks } from './jobs/commands.ts'
import { followJob } from './jobs/follow-job.ts'

export type RebuildOptions = {
  /** @default those that the archive has trades of in the span */
  readonly symbols?: readonly string[]
  /** Unix seconds; `to` is not in the span. */
  readonly from: number
  /** @default now */
  readonly to?: number
  readonly replace?: boolean
  /** Submits the job, prints its id, and leaves it to itself. */
  readonly detach?: boolean
}

/** Submits a job that rebuilds bars from the archive, and follows it; 1 when tasks of it are not done. */
export async function rebuild(deployed: DeployedStage, options: RebuildOptions): Promise<number> {
  const symbols = options.symbols ?? (await symbolsOfArchive(deployed, options))
  return await rebuildSymbols(openJobs(deployed), { ...options, symbols })
}

/** As many jobs as the symbols need, one after the other; none after one that was cancelled. */
export async function rebuildSymbols(
  jobs: Pick<JobsClient, 'submit' | 'show' | 'cancel'>,
  {
    symbols,
    from,
    to,
    replace = false,
    detach = false,
  }: RebuildOptions & Required<Pick<RebuildOptions, 'symbols'>>,
): Promise<number> {
  const by = whoAsks()
  let code = 0
  for (let first = 0; first < symbols.length; first += MAX_JOB_SYMBOLS) {
    const { id } = await jobs.submit(
      {
        symbols: symbols.slice(first, first + MAX_JOB_SYMBOLS),
        from: isoOf(from),
        ...(to !== undefined && { to: isoOf(to) }),
        replace,
      },
      by,
    )
    printLine(detach ? id : `job ${id}`)
    if (detach) continue
    const { state } = await followJob(jobs, id, by)
    if (state !== 'done') code = 1
    if (state === 'cancelled') break
  }
  return code
}

async function symbolsOfArchive(
  deployed: DeployedStage,
  { from, to = Date.now() / 1000 }: RebuildOptions,
): Promise<readonly string[]> {
  const bucket = await deployedArchive(deployed)
  const screen = openScreen()
  screen.status('reading which symbols the archive has')
  const symbols = await archivedSymbols(bucket, { from, to })
  screen.end()
  if (symbols.length === 0)
    throw new UsageError(
      `the archive has no trade from ${isoOf(from)} to ${isoOf(to)}: give another --from or --to`,
    )
  return symbols
}
