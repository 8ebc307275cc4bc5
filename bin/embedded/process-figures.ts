import { readFileSync } from 'node:fs'

import { readStat } from 'embedded-aws/postgres'
import type { Client } from 'pg'
import * as z from 'zod'

/** CPU used so far, in milliseconds, and memory held now, in bytes. */
export type ProcessFigures = { readonly cpuMs: number; readonly memoryBytes: number }

/** What the server of a connection does and holds. */
export async function postgresFigures(client: Client): Promise<ProcessFigures | undefined> {
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
  return serverFigures(z.object({ pid: z.int() }).parse(rows[0]).pid)
}

/** Linux counts the time of processes in hundredths of a second, whatever its own clock does. */
const TICK_MS = 10

/**
 * What the server does and holds that this backend of Postgres belongs to: the process itself, the children that it has
 * and, as CPU, those that have ended. Memory that they share counts once. Undefined where there is no `/proc`.
 */
function serverFigures(backendPid: number): ProcessFigures | undefined {
  try {
    const server = readStat(backendPid).parent
    const children = readFileSync(`/proc/${server}/task/${server}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
    const live = children.map(Number).map(figuresOf)
    return [figuresOf(server), ...live].reduce(
      (sum, { cpuMs, memoryBytes }) => ({
        cpuMs: sum.cpuMs + cpuMs,
        memoryBytes: sum.memoryBytes + memoryBytes,
      }),
      { cpuMs: readStat(server).endedCpu * TICK_MS, memoryBytes: 0 },
    )
  } catch {
    return undefined
  }
}

function figuresOf(pid: number): ProcessFigures {
  try {
    const share = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
    return { cpuMs: readStat(pid).cpu * TICK_MS, memoryBytes: Number(share?.[1] ?? 0) * 1024 }
  } catch {
    // It has ended since it was listed: the server counts it from now on.
    return { cpuMs: 0, memoryBytes: 0 }
  }
}
