import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What Node.js keeps there by itself. */
const NOT_OURS = 'node-compile-cache'

/**
 * Gives a whole run of tests, and every process that it starts, a temporary folder of its own.
 *
 * @returns what removes it, and fails the run when something was left in it
 */
export default function setUp(): () => void {
  const before = process.env['TMPDIR']
  // The name is short since paths of sockets may lie below it.
  const folder = mkdtempSync(join(tmpdir(), 'tests-'))
  // The user that Postgres runs as goes through it.
  chmodSync(folder, 0o711)
  process.env['TMPDIR'] = folder
  return () => {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
    const left = readdirSync(folder).filter((name) => name !== NOT_OURS)
    rmSync(folder, { recursive: true, force: true })
    if (left.length > 0)
      throw new Error(
        `the tests left ${left.length} files and folders in TMPDIR: ${left.toSorted().join(', ')}`,
      )
  }
}
