// Installs what is missing, before any other command. Plain JavaScript for any Node from 20 on: it runs before
// anything is installed. Silent when there is nothing to do.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const installed = `${root}node_modules/.installed-lock`
const lock = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .digest('hex')

const [major] = process.versions.node.split('.').map(Number)
if ((major ?? 0) < 20) fail(`Node ${process.versions.node} is too old: install Node 20 or later.`)

if (
  !existsSync(installed) ||
  readFileSync(installed, 'utf8') !== lock ||
  !existsSync(`${root}node_modules/node/bin/node`)
) {
  process.stderr.write('Installing packages (about 800 MB, once; a minute or two) ...\n')
  const started = Date.now()
  const npm = process.env['npm_execpath']
  const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]]
  rmSync(installed, { force: true })
  const result = spawnSync(command, [...first, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    // What npm set for this script must not steer the installation.
    env: { ...withoutNpm(process.env), NODE_ENV: '' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (result.error !== undefined) fail(`npm could not be started: ${result.error.message}`)
  if (result.status !== 0)
    fail('npm ci failed; its messages stand above. Mend that and run the command again.')
  if (!statSync(`${root}node_modules`).isDirectory()) mkdirSync(`${root}node_modules`)
  writeFileSync(installed, lock)
  process.stderr.write(`Installed in ${Math.round((Date.now() - started) / 1000)} s.\n`)
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
