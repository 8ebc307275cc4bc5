import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let project: string

/** What stands in the place of npm: installs all packages of the lock file but those for other machines. */
const NPM = `
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
appendFileSync('calls', process.argv.slice(2).join(' ') + ' ' + JSON.stringify(process.env.npm_config_omit ?? '') + '\\n')
if (process.env.NPM_FAILS) { console.error('npm says why'); process.exit(1) }
rmSync('node_modules', { recursive: true, force: true })
for (const [folder, { optional }] of Object.entries(JSON.parse(readFileSync('package-lock.json', 'utf8')).packages)) {
  if (folder === '' || optional) continue
  mkdirSync(folder + '/bin', { recursive: true })
  writeFileSync(folder + '/package.json', '{}')
  writeFileSync(folder + '/bin/node', '')
}
`

beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'tickstock-test-')))
  mkdirSync(join(project, 'bin'))
  for (const file of ['setup.mjs', 'owner.mjs', 'platform.mjs'])
    copyFileSync(new URL(`../../bin/${file}`, import.meta.url), join(project, 'bin', file))
  writeFileSync(join(project, 'npm.mjs'), NPM)
  writeLock('node', 'pg', 'pg/node_modules/deep', 'vitest')
})

afterEach(() => rmSync(project, { recursive: true, force: true }))

function writeLock(...names: readonly string[]): void {
  const packages = Object.fromEntries([
    ['', {}],
    ...names.map((name) => [`node_modules/${name}`, {}]),
    ['node_modules/for-another-machine', { optional: true }],
  ])
  writeFileSync(join(project, 'package-lock.json'), JSON.stringify({ packages }))
}

function setUp(
  environment: Readonly<Record<string, string>> = {},
  user: { readonly uid?: number; readonly gid?: number } = {},
) {
  const { status, stderr } = spawnSync(process.execPath, [join(project, 'bin/setup.mjs')], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], npm_execpath: join(project, 'npm.mjs'), ...environment },
    ...user,
  })
  return { status, stderr }
}

const calls = () => {
  const file = join(project, 'calls')
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []
}

/** Runs it beside others; what it printed. */
async function setUpBeside(): Promise<{ code: unknown; stderr: string }> {
  const child = spawn(process.execPath, [join(project, 'bin/setup.mjs')], {
    env: { PATH: process.env['PATH'], npm_execpath: join(project, 'npm.mjs') },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
  const [code] = await once(child, 'close')
  return { code, stderr }
}

describe('the setup', () => {
  it('installs once though several commands need it at once, and after one that was killed in it', async () => {
    // Of no process: numbers end before it.
    writeFileSync(join(project, '.installing'), String(2 ** 22 + 1))
    const ended = await Promise.all([setUpBeside(), setUpBeside(), setUpBeside()])
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0])
    expect(calls()).toHaveLength(1)
    expect(ended.filter(({ stderr }) => stderr.includes('Installed in'))).toHaveLength(1)
    expect(existsSync(join(project, '.installing'))).toBe(false)
  })

  it('installs once, whatever npm was told about the command that it runs for, and is silent from then on', () => {
    const first = setUp({ npm_config_omit: 'dev' })
    expect(first.stderr).toMatch(/^Installing packages \(.*\) \.\.\.\nInstalled in \d+ s\.\n$/)
    expect(first.status).toBe(0)
    expect(calls()).toEqual(['ci --include=dev --no-audit --no-fund --loglevel=error ""'])
    expect(setUp()).toEqual({ status: 0, stderr: '' })
    expect(calls()).toHaveLength(1)
  })

  it.each(['pg', 'pg/node_modules/deep', 'vitest', 'node/bin/node'])(
    'installs again when %s is gone',
    (name) => {
      setUp()
      rmSync(join(project, 'node_modules', name), { recursive: true })
      expect(setUp().status).toBe(0)
      expect(calls()).toHaveLength(2)
      expect(existsSync(join(project, 'node_modules', name))).toBe(true)
    },
  )

  it('installs again when the lock file has changed', () => {
    setUp()
    writeLock('node', 'pg', 'zod')
    expect(setUp().status).toBe(0)
    expect(existsSync(join(project, 'node_modules/zod'))).toBe(true)
    expect(setUp()).toEqual({ status: 0, stderr: '' })
  })

  it('trusts what an earlier version has installed, as far as it is whole', () => {
    setUp()
    const record = join(project, 'node_modules/.installed-lock')
    const [hash = ''] = readFileSync(record, 'utf8').split('\n')
    writeFileSync(record, hash)
    expect(setUp()).toEqual({ status: 0, stderr: '' })
    rmSync(join(project, 'node_modules/pg'), { recursive: true })
    setUp()
    expect(calls()).toHaveLength(2)
  })

  it('lets npm speak when it fails, and tries again the next time', () => {
    setUp()
    writeLock('node', 'zod')
    const failed = setUp({ NPM_FAILS: '1' })
    expect(failed.status).toBe(1)
    expect(failed.stderr).toMatch(/\nnpm says why\nnpm ci failed; its messages are above\. .*\n$/)
    // Back to the old lock file: what it had brought may be half gone.
    writeLock('node', 'pg', 'pg/node_modules/deep', 'vitest')
    expect(setUp().stderr).toMatch(/Installed in/)
  })

  it('uses the packages of another checkout, and never changes them', () => {
    setUp()
    const elsewhere = join(project, 'elsewhere')
    renameSync(join(project, 'node_modules'), elsewhere)
    symlinkSync(elsewhere, join(project, 'node_modules'))
    expect(setUp()).toEqual({ status: 0, stderr: '' })
    writeLock('node', 'zod')
    const { status, stderr } = setUp()
    expect(status).toBe(1)
    expect(stderr).toMatch(/^node_modules is a link, and the packages there are not those of .*\n$/)
    expect(existsSync(join(elsewhere, 'pg'))).toBe(true)
    expect(calls()).toHaveLength(1)
  })

  it('says whose the packages are when somebody else has installed them', ({ skip }) => {
    skip(process.getuid?.() !== 0, 'only root can become another user')
    setUp()
    // Whatever umask another test has left.
    spawnSync('chmod', ['-R', 'a+rX', project])
    // Whole packages of another user are as good as one's own.
    const nobody = { uid: 65_534, gid: 65_534 }
    expect(setUp({}, nobody)).toEqual({ status: 0, stderr: '' })
    rmSync(join(project, 'node_modules/pg'), { recursive: true })
    const { status, stderr } = setUp({}, nobody)
    expect(status).toBe(1)
    expect(stderr).toMatch(
      /^Packages have to be installed, but .* belongs to root, and you are nobody: change its owner \(sudo chown -R nobody .*\), work as root, or use a clone of your own\.\n$/,
    )
    expect(calls()).toHaveLength(1)
  })
})
