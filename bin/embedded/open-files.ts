import { readdirSync, readFileSync } from 'node:fs'

/** Files, pipes and sockets that a process and all below it have open; undefined where there is no `/proc`. */
export function openFiles(pid: number): number | undefined {
  const own = entries(`/proc/${pid}/fd`)?.length
  if (own === undefined) return undefined
  // A child that has ended since it was listed has none.
  return childrenOf(pid).reduce((sum, child) => sum + (openFiles(child) ?? 0), own)
}

/** Memory that a process holds, in bytes; undefined where there is no `/proc`. */
export function residentBytes(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  } catch {
    return undefined
  }
}

/** A process is listed below the thread that has started it. */
function childrenOf(pid: number): number[] {
  return (entries(`/proc/${pid}/task`) ?? []).flatMap((thread) => {
    try {
      return readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
        .split(' ')
        .filter(Boolean)
        .map(Number)
    } catch {
      return []
    }
  })
}

function entries(folder: string): string[] | undefined {
  try {
    return readdirSync(folder)
  } catch {
    return undefined
  }
}
