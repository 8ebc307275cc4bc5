// Installs the packages that are missing, before anything else runs. Plain JavaScript for any Node from 20 on. Silent when
// there is nothing to do.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { fileURLToPath } from 'node:url'

import { ownerHint } from './owner.mjs'
import { nodeFile, npmCommand } from './platform.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const modules = `${root}node_modules`
/** The Node that everything runs on. */
export const node = `${modules}/${nodeFile(process.platform)}`
const CLEAR = '\r\u001b[2K'
/** What was installed: the hash of the lock file in the first line, then the folders of the packages. */
const record = `${modules}/.installed-lock`
/** Holds the number of the process that installs. */
const installing = `${root}.installing`
const lockFile = readFileSync(`${root}package-lock.json`, 'utf8')
const lock = createHash('sha256').update(lockFile).digest('hex')

const [major] = process.versions.node.split('.').map(Number)
if ((major ?? 0) < 20) fail(`Node ${process.versions.node} is too old: install Node 20 or later.`)

if (!isComplete()) await alone(install)

/**
 * Waits until no other process installs, and then does the work unless that one has: npm empties the folder first, also under
 * the feet of another.
 *
 * @param {() => Promise<void>} work
 */
async function alone(work) {
  refuseUnwritable(root)
  let isTold = false
  while (!takeLock()) {
    if (!isTold) process.stderr.write('Another command installs the packages; waiting for it ...\n')
    isTold = true
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  process.once('exit', () => rmSync(installing, { force: true }))
  if (!isComplete()) await work()
  rmSync(installing, { force: true })
}

/** False while a process that lives holds it. */
function takeLock() {
  try {
    writeFileSync(installing, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    if (!lives(installing)) removeLock()
    return false
  }
}

/** One process at a time looks again and removes: the lock may be another's by now. */
function removeLock() {
  const removing = `${installing}.removing`
  try {
    writeFileSync(removing, '', { flag: 'wx' })
  } catch {
    // Its process was killed in the next three lines.
    if (Date.now() - (statSync(removing, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > 10_000)
      rmSync(removing, { force: true })
    return
  }
  if (!lives(installing)) rmSync(installing, { force: true })
  rmSync(removing, { force: true })
}

/** @param {string} file holds the number of a process */
function lives(file) {
  try {
    process.kill(Number(readFileSync(file, 'utf8')), 0)
    return true
  } catch (error) {
    // Somebody else's process.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Whether every package of this lock file is there. Looks at one file of each at the most. */
function isComplete() {
  if (!existsSync(record) || !existsSync(node)) return false
  const [installed, ...folders] = readFileSync(record, 'utf8').split('\n')
  if (installed !== lock) return false
  // Earlier versions recorded the hash alone. Packages for other machines are optional, and never there.
  const expected =
    folders.length > 0
      ? folders
      : packages()
          .filter(({ optional }) => !optional)
          .map(({ folder }) => folder)
  return expected.every((folder) => existsSync(`${root}${folder}/package.json`))
}

async function install() {
  // npm would empty the folder of another checkout, which may be in use.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink())
    fail(
      `node_modules is a link, and the packages there are not those of this package-lock.json: remove ${modules}, or install in the folder that it points to.`,
    )
  for (const folder of [root, modules]) if (existsSync(folder)) refuseUnwritable(folder)
  process.stderr.write('Installing packages (about 800 MB, once; a minute or two) ...\n')
  const started = Date.now()
  rmSync(record, { force: true })
  const progress = showProgress(started)
  const { code, signal, error } = await runNpm(progress.print)
  progress.end()
  if (error !== undefined) fail(`npm could not be started: ${error.message}`)
  if (signal !== null) fail(`npm ci was stopped (${signal}): run the command again.`)
  if (code !== 0) fail('npm ci failed; its messages are above. Solve that and run the command again.')
  const folders = packages()
    .map(({ folder }) => folder)
    .filter((folder) => existsSync(`${root}${folder}/package.json`))
  writeFileSync(record, [lock, ...folders].join('\n'))
  process.stderr.write(`Installed in ${Math.round((Date.now() - started) / 1000)} s.\n`)
}

/**
 * @param {(text: string) => void} print takes what npm prints
 * @returns {Promise<{ code: number | null, signal: string | null, error?: Error }>}
 */
function runNpm(print) {
  const [command, ...first] = npmCommand({
    platform: process.platform,
    execPath: process.execPath,
    npmPath: process.env['npm_execpath'],
  })
  const child = spawn(
    command,
    [...first, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      // What npm set for this script must not change the installation.
      env: { ...withoutNpm(process.env), NODE_ENV: '' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  child.stderr.setEncoding('utf8').on('data', print)
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }))
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
}

/**
 * Shows how many packages are there: a line that is rewritten on a terminal, a dot every few seconds elsewhere.
 *
 * @param {number} started
 */
function showProgress(started) {
  const { stderr } = process
  const wanted = packages().filter(({ optional }) => !optional)
  let dots = 0
  const dot = () => {
    stderr.write('.')
    dots++
  }
  const line = () => {
    const there = wanted.filter(({ folder }) => existsSync(`${root}${folder}/package.json`)).length
    const seconds = Math.round((Date.now() - started) / 1000)
    stderr.write(`${CLEAR}${there} of ${wanted.length} packages, ${seconds} s`)
  }
  const timer = stderr.isTTY ? setInterval(line, 500) : setInterval(dot, 5000)
  const clear = () => {
    if (stderr.isTTY) stderr.write(CLEAR)
    else if (dots > 0) stderr.write('\n')
    dots = 0
  }
  return {
    /** @param {string} text */
    print: (text) => {
      clear()
      stderr.write(text)
    },
    end: () => {
      clearInterval(timer)
      clear()
    },
  }
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
