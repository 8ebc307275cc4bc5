// Installs what is missing, before any other command. Plain JavaScript for any Node from 20 on: it runs before
// anything is installed. Silent when there is nothing to do.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { ownerHint } from './owner.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const modules = `${root}node_modules`
/** What was installed: the hash of the lock file in the first line, then the folders of the packages. */
const record = `${modules}/.installed-lock`
const lockFile = readFileSync(`${root}package-lock.json`, 'utf8')
const lock = createHash('sha256').update(lockFile).digest('hex')

const [major] = process.versions.node.split('.').map(Number)
if ((major ?? 0) < 20) fail(`Node ${process.versions.node} is too old: install Node 20 or later.`)

if (!isComplete()) install()

/** Whether all is there that this very lock file has brought. Looks at no more than one file of each package. */
function isComplete() {
  if (!existsSync(record) || !existsSync(`${modules}/node/bin/node`)) return false
  const [installed, ...folders] = readFileSync(record, 'utf8').split('\n')
  if (installed !== lock) return false
  // Earlier versions noted the hash alone. Packages for other machines are optional, and never there.
  const expected =
    folders.length > 0
      ? folders
      : packages()
          .filter(({ optional }) => !optional)
          .map(({ folder }) => folder)
  return expected.every((folder) => existsSync(`${root}${folder}/package.json`))
}

function install() {
  // npm would empty the folder of another checkout, which may be in use.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink())
    fail(
      `node_modules is a link, and the packages there are not those of this package-lock.json: remove ${modules}, or install in the folder that it points to.`,
    )
  for (const folder of [root, modules]) if (existsSync(folder)) refuseUnwritable(folder)
  process.stderr.write('Installing packages (about 800 MB, once; a minute or two) ...\n')
  const started = Date.now()
  const npm = process.env['npm_execpath']
  const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]]
  rmSync(record, { force: true })
  const result = spawnSync(
    command,
    [...first, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      // What npm set for this script must not steer the installation.
      env: { ...withoutNpm(process.env), NODE_ENV: '' },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  if (result.error !== undefined) fail(`npm could not be started: ${result.error.message}`)
  if (result.signal !== null) fail(`npm ci was stopped (${result.signal}): run the command again.`)
  if (result.status !== 0)
    fail('npm ci failed; its messages stand above. Mend that and run the command again.')
  const folders = packages()
    .map(({ folder }) => folder)
    .filter((folder) => existsSync(`${root}${folder}/package.json`))
  writeFileSync(record, [lock, ...folders].join('\n'))
  process.stderr.write(`Installed in ${Math.round((Date.now() - started) / 1000)} s.\n`)
}

/** The packages of the lock file, by their folder. */
function packages() {
  /** @type {{ packages: Record<string, { optional?: boolean }> }} */
  const { packages: all } = JSON.parse(lockFile)
  return Object.entries(all)
    .filter(([folder]) => folder !== '')
    .map(([folder, { optional = false }]) => ({ folder, optional }))
}

/** @param {string} folder */
function refuseUnwritable(folder) {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch {
    fail(`Packages have to be installed, but ${ownerHint(folder)}.`)
  }
}

/** @param {NodeJS.ProcessEnv} environment */
function withoutNpm(environment) {
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) =>
        !/^npm_(config|package|lifecycle)_/i.test(name) ||
        /registry|proxy|cafile|userconfig|cache/i.test(name),
    ),
  )
}

/** @param {string} message */
function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
