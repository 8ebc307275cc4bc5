import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { installPythonPackage } from '../test/support/python-package.ts'

/** A package of PyPI that a benchmark measures itself against, and the script that prints what it does. */
type PythonPeer = {
  readonly name: string
  readonly version: string
  readonly script: string
  readonly arguments: readonly string[]
}

/** What the script prints; undefined, and told, without Python or PyPI. */
export async function outputOf(peer: PythonPeer): Promise<string | undefined> {
  const { name, version, script } = peer
  const home = fileURLToPath(new URL(`../.emulators/${name.toLowerCase()}`, import.meta.url))
  const python = await installPythonPackage(name, { version, home }).catch((error: unknown) => {
    process.stderr.write(
      `not measured against ${name}: ${error instanceof Error ? error.message : String(error)}\n`,
    )
  })
  if (python === undefined) return undefined
  const { status, stdout, stderr } = spawnSync(python, ['-c', script, ...peer.arguments], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${name} cannot be run: ${stderr.trim()}`)
  return stdout
}
