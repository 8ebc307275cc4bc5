import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** A running process. `startedAt` only distinguishes a process from a later one with the same id. */
export type ProcessEntry = { readonly arguments: string; readonly startedAt: string }

/** The process of that id, from /proc or, where there is none, from ps. A zombie counts as gone. */
export function lookUpProcess(pid: number): ProcessEntry | undefined {
  return existsSync('/proc/self/stat') ? fromProc(pid) : fromPs(pid)
}

function fromProc(pid: number): ProcessEntry | undefined {
  try {
    const { state, startedAt } = readStat(pid)
    if (state === 'Z') return undefined
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return { arguments: commandLine.replaceAll('\0', ' ').trim(), startedAt }
  } catch {
    return undefined
  }
}

/** What Linux reports about a process; times in its ticks, `ended` those of children that are gone. */
export type ProcessStat = {
  readonly state: string
  readonly parent: number
  readonly cpu: number
  readonly endedCpu: number
  readonly startedAt: string
}

/** @throws where there is no such process, or no `/proc` */
export function readStat(pid: number): ProcessStat {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // From the third field on: the second, the name in parentheses, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const sumOf = (first: number): number => Number(fields[first]) + Number(fields[first + 1])
  return {
    state: fields[0] ?? '',
    parent: Number(fields[1]),
    cpu: sumOf(11),
    endedCpu: sumOf(13),
    startedAt: String(fields[19]),
  }
}

function fromPs(pid: number): ProcessEntry | undefined {
  const { stdout, status } = spawnSync('ps', ['-ww', '-o', 'stat=,lstart=,args=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  })
  const [, state, startedAt, commandLine] =
    /^\s*(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/s.exec(stdout) ?? []
  if (status !== 0 || startedAt === undefined || state?.startsWith('Z')) return undefined
  return { arguments: commandLine?.trim() ?? '', startedAt }
}
