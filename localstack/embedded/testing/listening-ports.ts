import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** The TCP ports that a process listens on, whoever opened them: from /proc or, where there is none, from lsof. */
export function listeningPorts(pid: number): readonly number[] {
  const ports = existsSync('/proc/self/fd') ? fromProc(pid) : fromLsof(pid)
  return [...new Set(ports)].toSorted((left, right) => left - right)
}

const LISTEN = '0A'

function fromProc(pid: number): readonly number[] {
  const folder = `/proc/${pid}/fd`
  const inodes = new Set(
    readdirSync(folder).flatMap((name) => /^socket:\[(\d+)\]$/.exec(linkOf(join(folder, name)))?.[1] ?? []),
  )
  return ['tcp', 'tcp6'].flatMap((table) => {
    const lines = readFileSync(`/proc/${pid}/net/${table}`, 'utf8').trim().split('\n').slice(1)
    return lines.flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
      return state === LISTEN && inodes.has(inode) ? [Number.parseInt(local.split(':')[1] ?? '', 16)] : []
    })
  })
}

/** Empty for a file that was closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function fromLsof(pid: number): readonly number[] {
  const { stdout } = spawnSync('lsof', ['-nP', '-a', '-iTCP', '-sTCP:LISTEN', '-Fn', '-p', String(pid)], {
    encoding: 'utf8',
  })
  return [...stdout.matchAll(/^n.*:(\d+)$/gm)].map(([, port]) => Number(port))
}

/** A process and all that it has started, directly or not. */
export function processTree(pid: number): readonly number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const below = (parent: number): readonly number[] =>
    pairs.flatMap(([child = 0, of]) => (of === parent ? [child, ...below(child)] : []))
  return [pid, ...below(pid)]
}
