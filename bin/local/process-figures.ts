import { readFileSync } from 'node:fs'

/** CPU used so far, in milliseconds, and memory held now, in bytes. */
export type ProcessFigures = { readonly cpuMs: number; readonly memoryBytes: number }

/** Linux counts the time of processes in hundredths of a second, whatever its own clock does. */
const TICK_MS = 10

/** State, parent, ...: the fields of `/proc/<pid>/stat` from the third on, after the name, which may hold spaces. */
const FIELD = { parent: 1, user: 11, system: 12, endedUser: 13, endedSystem: 14 } as const

/**
 * What the server does and holds that this backend of Postgres belongs to: the process itself, the children that it has
 * and, as CPU, those that have ended. Memory that they share counts once. Undefined where there is no `/proc`.
 */
export function serverFigures(backendPid: number): ProcessFigures | undefined {
  try {
    const server = statOf(backendPid)[FIELD.parent] ?? 0
    const children = readFileSync(`/proc/${server}/task/${server}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
    const live = children.map(Number).map(figuresOf)
    const own = statOf(server)
    const ended = ((own[FIELD.endedUser] ?? 0) + (own[FIELD.endedSystem] ?? 0)) * TICK_MS
    return [figuresOf(server), ...live].reduce(
      (sum, { cpuMs, memoryBytes }) => ({
        cpuMs: sum.cpuMs + cpuMs,
        memoryBytes: sum.memoryBytes + memoryBytes,
      }),
      { cpuMs: ended, memoryBytes: 0 },
    )
  } catch {
    return undefined
  }
}

function figuresOf(pid: number): ProcessFigures {
  try {
    const stat = statOf(pid)
    const share = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
    return {
      cpuMs: ((stat[FIELD.user] ?? 0) + (stat[FIELD.system] ?? 0)) * TICK_MS,
      memoryBytes: Number(share?.[1] ?? 0) * 1024,
    }
  } catch {
    // It has ended since it was listed: the server counts it from now on.
    return { cpuMs: 0, memoryBytes: 0 }
  }
}

function statOf(pid: number): readonly number[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
}
