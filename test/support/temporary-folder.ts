import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where Node.js keeps compiled modules by itself. */
const COMPILE_CACHE = 'node-compile-cache'

/**
 * Gives a whole run of tests, and every process that it starts, a temporary folder of its own.
 *
 * @returns what removes it, and fails the run when something was left in it
 */
export default function setUp(): () => void {
  const { TMPDIR, NODE_COMPILE_CACHE } = process.env
  // The name is short since paths of sockets may lie below it.
  const folder = mkdtempSync(join(tmpdir(), 'tests-'))
  // The user that Postgres runs as goes through it.
  chmodSync(folder, 0o711)
  process.env['TMPDIR'] = folder
  // Hundreds of processes load the CDK or the SDK: the first compiles them for all.
  process.env['NODE_COMPILE_CACHE'] = join(folder, COMPILE_CACHE)
  return () => {
    restore({ TMPDIR, NODE_COMPILE_CACHE })
    const left = readdirSync(folder).filter((name) => name !== COMPILE_CACHE)
    rmSync(folder, { recursive: true, force: true })
    if (left.length > 0)
      throw new Error(
        `the tests left ${left.length} files and folders in TMPDIR: ${left.toSorted().join(', ')}`,
      )
  }
}

function restore(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables))
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
}
