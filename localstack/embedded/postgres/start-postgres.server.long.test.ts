import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { prepareDatabase } from './prepare-database.ts'
import { lookUpProcess } from '../process-table.ts'
import { type ConnectionConfig, type RunningPostgres, startPostgres } from './start-postgres.ts'

const durability = 'none'

let folder: string
let running: RunningPostgres[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tickstock-postgres-'))
  running = []
})

afterEach(async () => {
  await Promise.all(running.map((postgres) => postgres.stop()))
  await rm(folder, { recursive: true, force: true })
})

async function start(port = 0, where = folder): Promise<RunningPostgres> {
  const postgres = await startPostgres({ folder: where, port, durability })
  running.push(postgres)
  return postgres
}

async function query(config: ConnectionConfig, text: string): Promise<unknown[]> {
  const client = new Client(config)
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !condition(); await delay(20)) {
    if (Date.now() > deadline) throw new Error(`it never came to ${condition.toString()}`)
  }
}

function postmasterPid() {
  return Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0])
}

describe('a server', () => {
  it('listens on 127.0.0.1 only, and lets nobody in without the password', async () => {
    const { superuser } = await start()
    expect(
      await query(
        superuser,
        `SELECT name, setting FROM pg_settings
        WHERE name IN ('listen_addresses', 'unix_socket_directories', 'server_encoding', 'TimeZone') ORDER BY lower(name)`,
      ),
    ).toEqual([
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'server_encoding', setting: 'UTF8' },
      { name: 'TimeZone', setting: 'UTC' },
      { name: 'unix_socket_directories', setting: '' },
    ])
    await expect(query({ ...superuser, password: 'guessed' }, 'SELECT 1')).rejects.toMatchObject({
      code: '28P01',
    })
  })

  it('keeps its data and its password over stops, and over a crash', async () => {
    const first = await start()
    await query(first.superuser, 'CREATE TABLE kept AS SELECT 1 AS one')
    await first.stop()
    const second = await start(first.port)
    expect(second.superuser).toEqual(first.superuser)
    await query(second.superuser, 'INSERT INTO kept VALUES (2)')
    await second.stopAbruptly()
    const third = await start(first.port)
    expect(await query(third.superuser, 'SELECT one FROM kept')).toEqual([{ one: 1 }, { one: 2 }])
  })

  it('starts from a copy that was made without its permissions', async () => {
    await (await start()).stop()
    chmodSync(join(folder, 'data'), 0o755)
    await start()
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700)
  })

  it('says that its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    await expect(start(port)).rejects.toThrow(`Port ${port}, which Postgres would take, is in use`)
    other.close()
    await start(port)
  })

  it('is not started twice in a folder', async () => {
    await start()
    await expect(start()).rejects.toThrow(`is in use by process ${process.pid}`)
  })

  it('takes the place of a lock file whose process is another program by now', async () => {
    await (await start()).stop()
    writeFileSync(join(folder, 'data', 'postmaster.pid'), `${process.pid}\n${join(folder, 'data')}\n`)
    const { superuser } = await start()
    expect(await query(superuser, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('starts anew where a creation was cut short', async () => {
    mkdirSync(join(folder, 'data.unfinished'))
    writeFileSync(join(folder, 'data.unfinished', 'half'), '')
    await start()
    expect(existsSync(join(folder, 'data', 'half'))).toBe(false)
    expect(existsSync(join(folder, 'data.unfinished'))).toBe(false)
  })

  it('replaces no database that has lost its version: a creation never has that name before it is whole', async () => {
    mkdirSync(join(folder, 'data'))
    writeFileSync(join(folder, 'data', 'table'), '')
    await expect(start()).rejects.toThrow(
      /data is damaged \(it has no PG_VERSION\): restore a copy of it, or start anew with/,
    )
    expect(existsSync(join(folder, 'data', 'table'))).toBe(true)
  })

  it('never runs as root, whoever starts it', async () => {
    await start()
    expect(statSync(join(folder, 'data')).uid).not.toBe(0)
  })

  it('runs where a parent folder admits its owner only', async () => {
    const home = join(folder, 'home')
    mkdirSync(home, { mode: 0o700 })
    chmodSync(home, 0o700)
    const inner = join(home, 'data')
    const first = await start(0, inner)
    await query(first.superuser, 'CREATE TABLE kept AS SELECT 1 AS one')
    await first.stop()
    const second = await start(0, inner)
    expect(await query(second.superuser, 'SELECT one FROM kept')).toEqual([{ one: 1 }])
    await second.stop()
    await rm(inner, { recursive: true })
    const fresh = await start(0, inner)
    await expect(query(fresh.superuser, 'SELECT one FROM kept')).rejects.toMatchObject({ code: '42P01' })
  })
})

describe('when the process that started it', () => {
  const module = join(import.meta.dirname, 'start-postgres.ts')
  const program = `
    const { startPostgres } = await import(process.argv[1])
    const { port } = await startPostgres({ folder: process.argv[2], durability: 'none' })
    console.log(port)`

  async function startElsewhere(): Promise<{ parent: ChildProcess; port: number }> {
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program, module, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (parent.stdout === null) throw new Error('no output')
    const [line] = await once(createInterface({ input: parent.stdout }), 'line')
    return { parent, port: Number(line) }
  }

  it('is killed, the server stops by itself', async () => {
    const { parent } = await startElsewhere()
    const pid = postmasterPid()
    parent.kill('SIGKILL')
    await until(() => lookUpProcess(pid) === undefined)
    expect(existsSync(join(folder, 'data', 'postmaster.pid'))).toBe(false)
  })

  it.runIf(existsSync('/proc/self'))(
    'is killed and the server cannot know, the next start stops it first',
    async () => {
      const { parent, port } = await startElsewhere()
      const pid = postmasterPid()
      killWatcher()
      parent.kill('SIGKILL')
      await once(parent, 'exit')
      expect(lookUpProcess(pid)).toBeDefined()
      const { superuser } = await start(port)
      expect(lookUpProcess(pid)).toBeUndefined()
      expect(await query(superuser, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    },
  )

  it('is killed together with it, the next start recovers', async () => {
    const { parent, port } = await startElsewhere()
    const pid = postmasterPid()
    process.kill(pid, 'SIGKILL')
    parent.kill('SIGKILL')
    await until(() => lookUpProcess(pid) === undefined)
    expect(existsSync(join(folder, 'data', 'postmaster.pid'))).toBe(true)
    await start(port)
  })

  it.runIf(existsSync('/proc/self'))(
    'is killed together with it and a process of the server lingers, the next start waits for that one',
    async () => {
      const { parent } = await startElsewhere()
      const pid = postmasterPid()
      const [worker = 0] = childrenOf(pid)
      process.kill(worker, 'SIGSTOP')
      process.kill(pid, 'SIGKILL')
      parent.kill('SIGKILL')
      await until(() => lookUpProcess(pid) === undefined)
      const lines: string[] = []
      const starting = startPostgres({ folder, durability, log: (line) => lines.push(line) })
      await until(() => lines.some((line) => line.includes('is still in use')))
      process.kill(worker, 'SIGCONT')
      const postgres = await starting
      running.push(postgres)
      expect(await query(postgres.superuser, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    },
  )

  it('is alive, nobody else can take the folder', async () => {
    const { parent } = await startElsewhere()
    await expect(start()).rejects.toThrow(`is in use by process ${parent.pid}`)
    parent.kill('SIGKILL')
  })
})

/** The processes whose parent is that one. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((each) => {
      const status = join('/proc', String(each), 'status')
      return existsSync(status) && readFileSync(status, 'utf8').includes(`\nPPid:\t${pid}\n`)
    })
}

/** The shell beside the server. */
function killWatcher(): void {
  const isWatcher = (pid: number) => {
    const command = lookUpProcess(pid)?.arguments ?? ''
    return command.startsWith('/bin/sh') && command.includes(folder)
  }
  const watcher = readdirSync('/proc').map(Number).find(isWatcher)
  if (watcher === undefined) throw new Error(`the server in ${folder} has no watcher`)
  process.kill(watcher, 'SIGKILL')
}

describe('a prepared database', () => {
  it('belongs to an owner who may create roles and is no superuser; preparing again changes the password only', async () => {
    const { superuser } = await start()
    const prepare = (password: string) =>
      prepareDatabase({ superuser, database: 'tickstock', owner: { username: 'owner', password } })
    await prepare('first')
    const owner = { ...superuser, user: 'owner', database: 'tickstock' }
    await query({ ...owner, password: 'first' }, 'CREATE TABLE kept AS SELECT 1 AS one')
    await prepare(`second's`)
    expect(
      await query(
        { ...owner, password: `second's` },
        `SELECT one, rolsuper, rolcreaterole, pg_get_userbyid(datdba) AS owner
         FROM kept, pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()`,
      ),
    ).toEqual([{ one: 1, rolsuper: false, rolcreaterole: true, owner: 'owner' }])
  })
})
