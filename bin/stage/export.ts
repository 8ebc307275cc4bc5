import { rename, rm } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'

import type { FillName, SessionName } from '../../functions/api/bars/bar-choices.ts'
import type { ExportFormat } from '../../functions/rebuilder/export/export-task.ts'
import { isoOf } from '../../functions/jobs/tasks.ts'
import { UsageError } from '../terminal/errors.ts'
import { printLine } from '../terminal/print.ts'
import { download } from './download.ts'
import type { LinkSource } from './download-piece.ts'
import type { DeployedStage } from './find-deployment.ts'
import { openJobs } from './jobs/call-jobs.ts'
import { whoAsks } from './jobs/commands.ts'
import { followJob } from './jobs/follow-job.ts'
import { linksTo } from './jobs/links-to.ts'

export type ExportOptions = {
  readonly symbols: readonly string[]
  /** Unix seconds; `to` is not in the span. */
  readonly from: number
  /** @default now */
  readonly to?: number
  readonly timeframe: string
  /** @default UTC */
  readonly tz?: string
  /** @default all */
  readonly session?: SessionName
  /** @default none */
  readonly fill?: FillName
  readonly format: ExportFormat
  readonly textNumbers?: boolean
  /** A file. @default a link is printed */
  readonly out?: string
  /** Submits the job, prints its id, and leaves it to itself. */
  readonly detach?: boolean
}

/** Submits a job that exports bars, follows it, and gets the object; 1 when it is not done. */
export async function exportBars(
  deployed: DeployedStage,
  {
    symbols,
    from,
    to,
    timeframe,
    tz,
    session,
    fill,
    format,
    textNumbers,
    out,
    detach = false,
  }: ExportOptions,
): Promise<number> {
  if (detach && out !== undefined)
    throw new UsageError(
      '--out and --detach do not go together: get the file with jobs show ID, once it is done',
    )
  const jobs = openJobs(deployed)
  const by = whoAsks()
  const { id } = await jobs.submit(
    {
      type: 'export',
      symbols,
      from: isoOf(from),
      ...(to !== undefined && { to: isoOf(to) }),
      timeframe,
      ...(tz !== undefined && { tz }),
      ...(session !== undefined && { session }),
      ...(fill !== undefined && { fill }),
      format,
      ...(textNumbers === true && { numbers: 'string' }),
    },
    by,
  )
  printLine(detach ? id : `job ${id}`)
  if (detach) return 0
  const { state } = await followJob(jobs, id, by)
  if (state !== 'done') return 1
  const links = linksTo(jobs, id, Date.now)
  if (out === undefined) printLine(await links('any'))
  else await saveTo(out, links)
  return 0
}

/** The file is whole or not there. */
async function saveTo(out: string, linkTo: LinkSource['linkTo']): Promise<void> {
  const partial = `${out}.part`
  try {
    await download({ linkTo, wait: (ms) => setTimeout(ms) }, partial)
    await rename(partial, out)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
  printLine(`wrote ${out}`)
}
