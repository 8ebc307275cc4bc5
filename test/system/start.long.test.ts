import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { readFed } from '../../bin/embedded/fed-until.ts'
import { deployedFlags } from '../../bin/stage/flags.ts'
import { isAlive } from '../../bin/terminal/is-alive.ts'
import { ask, signInBy } from '../bin/dashboard/ask.ts'
import { prepareData, temporaryFolder } from './support/data-folder.ts'
import { runCommand } from './support/run-command.ts'
import { freePair, type Started, startIn, startUntil } from './support/start-in.ts'
import { waitFor } from './support/wait-for.ts'

/** The same for all tests, so that Node.js compiles the functions that are copied into it for the first only. */
const folder = temporaryFolder()
let running: Started | undefined

beforeEach(() => mkdirSync(folder, { recursive: true }))

afterEach(async () => {
  running?.child.kill('SIGKILL')
  // Its Postgres notices and ends by itself; until then it writes into the folder.
  await waitFor(() => !isPostgresAlive(join(folder, 'data')), 'Postgres to end')
  rmSync(folder, { recursive: true, force: true })
})

async function start(...options: readonly string[]): Promise<Started> {
  running = await startIn(join(folder, 'data'), ...options)
  return running
}

/** With a database that has the schema already. */
async function startPrepared(...options: readonly string[]): Promise<Started> {
  await prepareData(join(folder, 'data'))
  return start(...options)
}

function isPostgresAlive(data: string): boolean {
  try {
    return isAlive(Number.parseInt(readFileSync(join(clusterOf(data), 'postmaster.pid'), 'utf8'), 10))
  } catch {
    // The file goes last.
    return false
  }
}

/** Where Postgres keeps its files: elsewhere when root starts it in a folder that its user cannot enter. */
function clusterOf(data: string): string {
  const location = join(data, 'postgres/location')
  return join(existsSync(location) ? readFileSync(location, 'utf8') : join(data, 'postgres'), 'data')
}

it('plays history in, runs live, stops at Ctrl-C, goes on from its data, and --fresh starts anew', async () => {
  const first = await startPrepared('--history', '3')
  expect(first.printed()).toMatch(/history: 5\d\d ticks, \d+ bars in/)
  expect(await first.interrupt()).toBe(0)
  expect(first.printed()).toMatch(/stopped; [1-9]\d* bars were written. The next start continues from/)

  writeFileSync(join(folder, 'data/mark'), '')
  const second = await start('--history', '3')
  const [, ticks = '0'] = /history: (\d+) ticks/.exec(second.printed()) ?? []
  expect(Number(ticks)).toBeLessThan(500)
  expect(await second.interrupt()).toBe(0)
  expect(existsSync(join(folder, 'data/mark'))).toBe(true)

  const third = await start('--history', '3', '--fresh')
  expect(third.printed()).toMatch(/history: 5\d\d ticks, \d+ bars in/)
  expect(existsSync(join(folder, 'data/mark'))).toBe(true)
  expect(await third.interrupt()).toBe(0)
})

it('with --strict plays history in, runs live and stops as without', async () => {
  const started = await startPrepared('--history', '3', '--symbols', '5', '--strict', '7')
  expect(started.printed()).toContain('as unkind as AWS, with seed 7')
  expect(started.printed()).toMatch(/history: \d+ ticks, \d+ bars in/)
  expect(await started.interrupt()).toBe(0)
})

it('does not delete with --fresh what another start uses, or what is not its own', async () => {
  const first = await startPrepared('--no-feed')
  const data = join(folder, 'data')
  const second = await startIn(data, '--no-feed', '--fresh')
  expect(second.child.exitCode).toBe(1)
  expect(second.printed()).toMatch(/^The data folder .*data is in use by process \d+: .*\n$/)
  expect(await first.interrupt()).toBe(0)

  const foreign = join(folder, 'foreign')
  mkdirSync(foreign)
  writeFileSync(join(foreign, 'letter'), '')
  const third = await startIn(foreign, '--no-feed', '--fresh')
  expect(third.child.exitCode).toBe(1)
  expect(third.printed()).toMatch(
    /foreign is not a data folder of TickStock, and it is not empty \(it holds "letter"\): .*\n$/,
  )
  expect(existsSync(join(foreign, 'letter'))).toBe(true)

  rmSync(join(clusterOf(data), 'PG_VERSION'))
  const fourth = await start('--no-feed')
  expect(fourth.child.exitCode).toBe(1)
  expect(fourth.printed()).toMatch(/data is damaged \(it has no PG_VERSION\): .*\n$/)
  expect(fourth.printed()).not.toContain('    at ')

  rmSync(clusterOf(data), { recursive: true })
  const fifth = await start('--no-feed')
  expect(fifth.child.exitCode).toBe(1)
  expect(fifth.printed()).toMatch(/\nthe database of .* is gone while its streams are there: .* --fresh\n$/)
})

it('says at once that a port is in use, and has not deleted anything', async () => {
  const data = join(folder, 'data')
  const taken = (await freePair()) + 1
  const other = createServer().listen(taken, '127.0.0.1')
  await once(other, 'listening')
  mkdirSync(join(data, 'postgres'), { recursive: true })
  for (const [port, purpose] of [
    [taken, 'the AWS endpoint'],
    [taken - 1, 'Postgres'],
  ] as const) {
    const { child, printed } = await startIn(data, '--fresh', '--port', String(port))
    expect(child.exitCode).toBe(1)
    expect(printed()).toBe(
      `port ${taken}, for ${purpose}, is in use: stop what listens there, or choose another pair with --port\n`,
    )
    expect(existsSync(join(data, 'postgres'))).toBe(true)
  }
  const { child, printed } = await startIn(data, '--fresh', '--dashboard-port', String(taken))
  expect(child.exitCode).toBe(1)
  expect(printed()).toBe(
    `port ${taken}, for the dashboard, is in use: stop what listens there, or choose another with --dashboard-port (0: any free one)\n`,
  )
  const pair = await startIn(data, '--port', String(taken - 1), '--dashboard-port', String(taken))
  expect(pair.printed()).toBe(
    `port ${taken}, for the dashboard, is one of the pair of --port ${taken - 1}: choose another with --dashboard-port\n`,
  )
  other.close()
})

it('prints the address of the dashboard first, which signs in once; a restart prints another', async () => {
  const data = join(folder, 'data')
  const first = await startPrepared('--no-feed')
  const address = firstAddress(first.printed())
  const cookie = await signInBy(address)
  expect(await signInBy(address)).toBe('')
  const { port } = new URL(address)
  const session = async () => await ask(Number(port), '/session', { headers: { cookie } })
  expect(JSON.parse((await session()).body)).toMatchObject({ stage: 'local', role: 'operator' })

  const another = await runCommand(['dashboard', '--data', data], {})
  expect(another).toMatchObject({ code: 0, stderr: '' })
  expect(await signInBy(another.stdout.trim())).toMatch(/^tickstock_/)
  expect(await first.interrupt()).toBe(0)

  const second = await start('--no-feed', '--dashboard-port', port)
  expect(firstAddress(second.printed())).not.toBe(address)
  expect((await session()).status).toBe(401)
  expect(await signInBy(address)).toBe('')
  expect(await second.interrupt()).toBe(0)
  expect(await runCommand(['dashboard', '--data', data], {})).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^no TickStock runs with the data folder .*\n$/),
  })
})

function firstAddress(printed: string): string {
  const [, address = ''] = /^Dashboard {2}(http:\/\/localhost:\d+\/\?key=[\w-]{43})\n/.exec(printed) ?? []
  return address
}

it('ends with a sentence when its Postgres ends', async () => {
  const { child, printed } = await startPrepared('--no-feed')
  const ended = once(child, 'exit')
  const [pid = ''] = readFileSync(join(clusterOf(join(folder, 'data')), 'postmaster.pid'), 'utf8').split('\n')
  process.kill(Number(pid), 'SIGQUIT')
  await ended
  expect(child.exitCode).toBe(1)
  expect(printed()).toMatch(/Postgres has ended, so no bar can be written; .*\n$/)
})

it('goes on in the middle of the history in which it was stopped', async () => {
  await prepareData(join(folder, 'data'))
  const first = await startUntil('history ', join(folder, 'data'), ['--history', '20000'])
  running = first
  expect(await first.interrupt()).toBe(0)
  const noted = readFed(join(folder, 'data/fed-until'))?.until
  expect(noted).toBeLessThan(Date.now() - 60_000)
})

it('stops at Ctrl-C while aggregation is off, and says that ticks stay on the stream', async () => {
  const { interrupt, printed, port } = await startPrepared('--no-feed')
  const environment = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` }
  await deployedFlags('local', environment).set('aggregation', 'off')
  expect(await interrupt()).toBe(0)
  expect(printed()).toContain('the flag aggregation is off: ticks stay on the stream')
})

it('gives up on a part that is stuck at Ctrl-C, says what is left and where, and goes on from it', async () => {
  const data = join(folder, 'data')
  const first = await startPrepared('--history', '2')
  const locker = new Client({
    host: '127.0.0.1',
    port: first.port + 1,
    database: 'tickstock',
    user: 'tickstock_owner',
    password: readFileSync(join(data, 'owner-password'), 'utf8'),
  })
  await locker.connect()
  // The server takes this session with it in the end.
  locker.on('error', () => {})
  await locker.query('BEGIN; LOCK TABLE ohlcv_1min IN ACCESS EXCLUSIVE MODE')
  expect(await first.interrupt()).toBe(1)
  expect(first.printed()).toMatch(
    /\nstopped, but nothing has moved for 30 s: .*wait.* for tickstock-local-bar-writer.* The rest is kept in .*\n$/,
  )
  const second = await start('--history', '0')
  expect(await second.interrupt()).toBe(0)
})

it('ends at once at the second Ctrl-C', async () => {
  const { child } = await startPrepared('--no-feed')
  const ended = once(child, 'exit')
  child.kill('SIGINT')
  child.kill('SIGTERM')
  await ended
  expect(child.exitCode).toBe(130)
})

describe('on a disk of its own', () => {
  const mount = (size: string, ...options: readonly string[]): boolean =>
    spawnSync('mount', ['-t', 'tmpfs', '-o', [`size=${size}`, ...options].join(','), 'tmpfs', folder])
      .status === 0

  afterEach(() => void spawnSync('umount', [folder]))

  it('that is full from the start it says so in one line', async ({ skip }) => {
    skip(!mount('20m'), 'only root can mount')
    const { child, printed } = await start('--no-feed')
    expect(child.exitCode).toBe(1)
    expect(printed()).toMatch(/\nthe disk is full \(.+\): free some space and start again.*\n$/)
    expect(printed()).not.toContain('    at ')
  })

  it('that fills while it runs it says so in one line, and goes on once there is space', async ({ skip }) => {
    skip(!mount('200m'), 'only root can mount')
    const { child, printed } = await start('--history', '2', '--interval', '0.1')
    const ended = once(child, 'exit')
    spawnSync('dd', ['if=/dev/zero', `of=${join(folder, 'filler')}`, 'bs=1M'])
    await ended
    expect(child.exitCode).toBe(1)
    expect(printed()).toMatch(/\nthe disk is full \(.+\): free some space and start again.*\n$/)
    expect(printed()).not.toContain('    at ')

    rmSync(join(folder, 'filler'))
    const again = await start('--history', '2')
    expect(await again.interrupt()).toBe(0)
    expect(again.printed()).toMatch(/stopped; [1-9]\d* bars were written/)
  })
})
