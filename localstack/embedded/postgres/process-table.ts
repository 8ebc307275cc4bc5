import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** A running process. `startedAt` is only good for comparison: it tells a process from a later one of its id. */
export type ProcessEntry = { readonly arguments: string; readonly startedAt: string }

/** The process of that id, from /proc or, where there is none, from ps. A zombie counts as gone. */
export function lookUpProcess(pid: number): ProcessEntry | undefined {
  return existsSync('/proc/self/stat') ? fromProc(pid) : fromPs(pid)
}

function fromProc(pid: number): ProcessEntry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold spaces; state and start time are fields 3 and 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z') return undefined
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return { arguments: commandLine.replaceAll('\0', ' ').trim(), startedAt: String(fields[19]) }
  } catch {
    return undefined
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
