import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import * as z from 'zod'

import { codeOf, messageOf } from 'embedded-aws/errors'
import { readStat } from 'embedded-aws/postgres'
import { UsageError } from '../terminal/errors.ts'
import { isAlive } from '../terminal/is-alive.ts'

/** The file in a data folder in which `npm start` writes where it listens; it is there while that runs. */
export const RUNNING_FILE = 'running.json'

const schema = z.object({
  /** Process that runs it. */
  pid: z.int(),
  /** When that process started; tells it from a later process of the same id. */
  startedAt: z.string(),
  stage: z.string(),
  endpoint: z.string(),
  region: z.string(),
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  api: z.object({ url: z.string(), key: z.string() }),
  /** Absent with `websocket: off`. */
  webSocketUrl: z.string().optional(),
  /** Where the dashboard is, and the secret that one-time addresses are asked for with; absent in files of earlier versions. */
  dashboard: z.object({ url: z.string(), secret: z.string() }).optional(),
  ticksStream: z.string(),
  /** Connects to Postgres as `app_readonly`. */
  readOnlyUrl: z.string(),
})

/** A deployment that runs on this machine, as its file describes it. */
export type RunningDeployment = Readonly<z.infer<typeof schema>>

/** No such file, one of a process that has ended, or one of a process that runs. */
export type RunningFile =
  | { readonly type: 'none' }
  | { readonly type: 'ended'; readonly pid: number }
  | { readonly type: 'running'; readonly deployment: RunningDeployment }

/**
 * Reads the file in a data folder.
 *
 * @throws UsageError when it is there and cannot be read
 */
export function readRunning(folder: string): RunningFile {
  const file = join(folder, RUNNING_FILE)
  try {
    const deployment = schema.parse(JSON.parse(readFileSync(file, 'utf8')))
    const { pid, startedAt } = deployment
    return startOf(pid) === startedAt ? { type: 'running', deployment } : { type: 'ended', pid }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { type: 'none' }
    const [problem, advice] =
      codeOf(error) === 'EACCES'
        ? [messageOf(error), 'run the command as the user who runs npm start']
        : ['it is damaged', 'restart npm start']
    throw new UsageError(`${file} cannot be read (${problem}): ${advice}, or give --endpoint`, {
      cause: error,
    })
  }
}

/** Writes the file for this process, readable by its user only; the returned function removes it. */
export function writeRunning(
  folder: string,
  deployment: Omit<RunningDeployment, 'pid' | 'startedAt'>,
): () => void {
  const { pid } = process
  const file = join(folder, RUNNING_FILE)
  const text = JSON.stringify({ pid, startedAt: startOf(pid), ...deployment }, undefined, 2)
  writeFileSync(`${file}.next`, `${text}\n`, { mode: 0o600 })
  renameSync(`${file}.next`, file)
  const remove = (): void => rmSync(file, { force: true })
  // Also at a second Ctrl-C, and when a thread dies.
  process.once('exit', remove)
  return remove
}

/** When a process started; undefined when it has ended, the same text for each process where there is no `/proc`. */
function startOf(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined
  try {
    const { state, startedAt } = readStat(pid)
    return state === 'Z' ? undefined : startedAt
  } catch {
    return 'unknown'
  }
}
