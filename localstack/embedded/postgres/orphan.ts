import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { StartError } from '../errors.ts'
import { lookUpProcess } from '../process-table.ts'

/**
 * Notes that this process runs the cluster in `place`.
 * @throws StartError when another process that is still alive runs it.
 */
export function claim(place: string): void {
  const file = join(place, 'owner')
  const [pid, startedAt] = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  const alive = pid !== undefined && lookUpProcess(Number(pid))?.startedAt === startedAt
  if (alive && runningPostmaster(join(place, 'data')) !== undefined) {
    throw new StartError(`the Postgres in ${place} is in use by process ${pid}: stop that one first`)
  }
  writeFileSync(file, `${process.pid}\n${lookUpProcess(process.pid)?.startedAt}`)
}

/** Stops a server that outlived whoever started it, and removes the lock file of one that was killed. */
export async function stopOrphan(data: string): Promise<void> {
  const pid = runningPostmaster(data)
  if (pid !== undefined) {
    for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
      signalServer(data, pid, signal)
      if (await isGone(data)) break
    }
    if (runningPostmaster(data) !== undefined) {
      throw new StartError(
        `Postgres (process ${pid}) of an earlier run in ${data} does not stop: end that process`,
      )
    }
  }
  rmSync(join(data, 'postmaster.pid'), { force: true })
}

/** The process id of the server of that very data folder, if it runs; never that of an unrelated process. */
function runningPostmaster(data: string): number | undefined {
  const file = join(data, 'postmaster.pid')
  if (!existsSync(file)) return undefined
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
  const command = lookUpProcess(pid)?.arguments ?? ''
  return command.includes(`/postgres -D ${data} `) && !command.startsWith('/bin/sh') ? pid : undefined
}

function signalServer(data: string, pid: number, signal: 'SIGINT' | 'SIGQUIT'): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (runningPostmaster(data) === undefined) return
    throw new StartError(
      `Postgres (process ${pid}) of an earlier run in ${data} cannot be stopped: end that process`,
      { cause: error },
    )
  }
}

async function isGone(data: string): Promise<boolean> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await delay(50)) {
    if (runningPostmaster(data) === undefined) return true
  }
  return false
}
