import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Installs packages of npm into a folder of their own, once: what a test judges by is no part of the project, nor what it
 * depends on.
 *
 * @param packages as `name@version`
 * @throws Error when npm's registry is not there
 */
export async function installNpmPackages(packages: readonly string[], home: string): Promise<void> {
  const installed = join(home, 'installed')
  if (existsSync(installed) && readFileSync(installed, 'utf8') === packages.join(' ')) return
  process.stderr.write(`installing ${packages.join(' ')} from npm, once ...\n`)
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'package.json'), '{ "private": true }\n')
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--save-exact']
  try {
    await run('npm', ['install', ...options, ...packages], { cwd: home, shell: process.platform === 'win32' })
  } catch (cause) {
    throw new Error(`${packages.join(' ')} could not be installed: npm and its registry are needed`, {
      cause,
    })
  }
  writeFileSync(installed, packages.join(' '))
}
