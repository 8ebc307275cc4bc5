import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const WINDOWS = process.platform === 'win32'

/** `npm test` runs where nothing but Node is. */
export const hasPython = runsInPython('import ensurepip, venv')

/** Whether there is a Python of 3.`minor` or later. */
export function hasPythonFrom(minor: number): boolean {
  return hasPython && runsInPython(`import sys; sys.exit(sys.version_info < (3, ${minor}))`)
}

function runsInPython(code: string): boolean {
  return spawnSync(WINDOWS ? 'python' : 'python3', ['-c', code]).status === 0
}

/**
 * Installs a package of PyPI into a virtual environment of its own, once, and gives the Python that has it.
 *
 * @param options.beside packages that go into the same environment, in the version that fits
 * @throws Error when Python or PyPI is not there
 */
export async function installPythonPackage(
  name: string,
  {
    version,
    home,
    beside = [],
  }: { readonly version: string; readonly home: string; readonly beside?: readonly string[] },
): Promise<string> {
  const environment = join(home, 'venv')
  const python = join(environment, ...(WINDOWS ? ['Scripts', 'python.exe'] : ['bin', 'python']))
  const installed = join(home, 'installed')
  const packages = [`${name}==${version}`, ...beside]
  if (existsSync(installed) && readFileSync(installed, 'utf8') === packages.join(' ')) return python
  process.stderr.write(`installing ${name} ${version} from PyPI, once ...\n`)
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home, { recursive: true })
  try {
    await run(WINDOWS ? 'python' : 'python3', ['-m', 'venv', environment])
    await run(python, ['-m', 'pip', 'install', '--quiet', ...packages])
  } catch (cause) {
    throw new Error(`${name} could not be installed: Python from 3.10 on with venv, and PyPI, are needed`, {
      cause,
    })
  }
  writeFileSync(installed, packages.join(' '))
  return python
}
