import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'

import { startDeployment } from '../../bin/embedded/deployment.ts'
import { failureMessage } from '../../bin/terminal/failure-message.ts'
import { prepareData, temporaryFolder } from './support/data-folder.ts'
import { type Started, startIn } from './support/start-in.ts'

let folder: string
let data: string
let running: Started | undefined
let restore: () => void = () => {}

beforeAll(async () => {
  folder = temporaryFolder()
  data = await prepareData(join(folder, 'data'))
  running = await startIn(data, '--history', '2')
  await running.interrupt()
})

afterEach(() => {
  running?.child.kill('SIGKILL')
  restore()
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Ways to damage a file. */
const ways = {
  empty: (file: string) => truncateSync(file, 0),
  half: (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2)),
  garbage: (file: string) => writeFileSync(file, Buffer.alloc(statSync(file).size, 'garbage')),
  missing: (file: string) => rmSync(file),
  'a folder': (file: string) => {
    rmSync(file)
    mkdirSync(file)
  },
  'garbage but for its head': (file: string) => {
    const head = readFileSync(file).subarray(0, 100)
    writeFileSync(file, Buffer.concat([head, Buffer.alloc(statSync(file).size - head.length, 'garbage')]))
  },
  'of another version': (file: string) => {
    const database = new DatabaseSync(file)
    database.exec('pragma user_version = 9')
    database.close()
  },
  'read-only': (file: string) => chmodSync(file, 0o400),
} satisfies Record<string, (file: string) => void>

type Way = keyof typeof ways

/** The file that is damaged, how, and what is said about it. */
const streams = 'aws/kinesis/streams.sqlite'
const tables = 'aws/dynamodb/tables.sqlite'
const checkpoints = 'aws/checkpoints/checkpoints.sqlite'
const cases: readonly (readonly [file: string, way: Way, said: string])[] = [
  [streams, 'empty', `${streams} is damaged (it is empty)`],
  [streams, 'half', `${streams} is damaged (database disk image is malformed)`],
  [streams, 'garbage', `${streams} is damaged (file is not a database)`],
  [streams, 'garbage but for its head', `${streams} is damaged (database disk image is malformed)`],
  [streams, 'missing', `${streams} is missing`],
  [streams, 'a folder', `${streams} cannot be used (unable to open database file)`],
  [streams, 'of another version', `${streams} has format 9, and this version reads 1`],
  [tables, 'empty', `${tables} is damaged (it is empty)`],
  [tables, 'half', `${tables} is damaged (`],
  [tables, 'garbage', `${tables} is damaged (file is not a database)`],
  [tables, 'garbage but for its head', `${tables} is damaged (`],
  [tables, 'missing', `${tables} is missing`],
  [tables, 'of another version', `${tables} has format 9, and this version reads 1`],
  [checkpoints, 'half', `${checkpoints} is damaged (database disk image is malformed)`],
  [checkpoints, 'garbage', `${checkpoints} is damaged (file is not a database)`],
  [checkpoints, 'of another version', `${checkpoints} has format 9, and this version reads 1`],
  ['aws/secrets.json', 'half', 'aws/secrets.json is damaged ('],
  ['aws/secrets.json', 'garbage', 'aws/secrets.json is damaged ('],
  ['aws/secrets.json', 'missing', 'aws/secrets.json is missing'],
  ['aws/parameters.json', 'garbage', 'aws/parameters.json is damaged ('],
  ['aws/api-keys.json', 'half', 'aws/api-keys.json is damaged ('],
  ['aws/custom-resources.json', 'half', 'aws/custom-resources.json is damaged ('],
  ['aws/inventory.json', 'half', 'aws/inventory.json is damaged ('],
  ['postgres/data/PG_VERSION', 'garbage', 'postgres/data does not start ("'],
  ['postgres/data/PG_VERSION', 'missing', 'postgres/data is damaged (it has no PG_VERSION)'],
  ['postgres/data/global/pg_control', 'empty', 'postgres/data does not start (could not read file'],
  ['postgres/data/global/pg_control', 'garbage', 'postgres/data does not start ('],
  ['postgres/data/global/pg_control', 'missing', 'postgres/data does not start (postgres: could not find'],
  ['postgres/data/pg_hba.conf', 'missing', 'postgres/data does not start (could not load'],
  ['postgres/data/postgresql.conf', 'garbage', 'postgres/data does not start ('],
  ['postgres/data/pg_wal/0*', 'garbage', 'postgres/data does not start (could not locate a valid checkpoint'],
  ['postgres/data/global/1260', 'missing', 'postgres holds a database that cannot be used ('],
  ['postgres/data/global/1262', 'empty', 'postgres holds a database that cannot be used ('],
  ['postgres/superuser-password', 'empty', 'postgres/superuser-password is damaged (it is empty)'],
  ['postgres/superuser-password', 'garbage', 'does not take the password of the file superuser-password'],
  ['owner-password', 'a folder', 'owner-password cannot be used (EISDIR'],
]

it.each(cases)('says in one line that %s is %s, and leaves it', async (pattern, way, said) => {
  await expectComplaint(pattern, way, { said, complaint: complaintHere })
})

/** One of each kind of file: a process takes a second of a core. */
const ofEachKind = new Map(cases.map((each) => [kindOf(each[0]), each])).values()

it.each([...ofEachKind])(
  '%s, %s: `npm start` prints that line and exits with 1',
  async (pattern, way, said) => {
    await expectComplaint(pattern, way, { said, complaint: complaintOfCommand })
  },
)

function kindOf(pattern: string): string {
  return pattern.endsWith('.json') ? 'JSON' : pattern.split('/').slice(0, 2).join('/')
}

it('says in one line that a file may not be written', async ({ skip }) => {
  skip(process.getuid?.() === 0, 'root may write everything')
  const said = `${streams} cannot be used (EACCES: `
  await expectComplaint(streams, 'read-only', { said, complaint: complaintOfCommand })
})

type Expected = { readonly said: string; readonly complaint: () => Promise<string> }

async function expectComplaint(pattern: string, way: Way, { said, complaint }: Expected): Promise<void> {
  const file = damage(pattern, way)
  const before = kept(file)
  const lines = (await complaint()).split('\n')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain(said)
  expect(lines[0]).toContain(data)
  expect(lines[0]).toMatch(
    /: (restore a copy of it, or start anew .*\(npm start -- --fresh\)|it must be a file .*)$/,
  )
  expect(kept(file)).toEqual(before)
}

/** What `npm start` prints of it, by the functions that it calls. */
async function complaintHere(): Promise<string> {
  const starting = startDeployment({ data })
  const error = await starting.then(
    (deployment) => deployment.stop(),
    (reason: unknown) => reason,
  )
  return failureMessage(error)
}

async function complaintOfCommand(): Promise<string> {
  running = await startIn(data, '--no-feed')
  expect(running.child.exitCode).toBe(1)
  return running
    .printed()
    .trimEnd()
    .split('\n')
    .filter((line) => !/^((synthesizing|starting) .*\.\.\.|Dashboard {2}http:.*)$/.test(line))
    .join('\n')
}

it('goes on without what can be made again, and with locks and notes of nobody', async () => {
  const again: readonly (readonly [string, Way])[] = [
    ['aws/checkpoints/checkpoints.sqlite', 'missing'],
    ['aws/parameters.json', 'missing'],
    ['aws/api-keys.json', 'missing'],
    ['aws/custom-resources.json', 'missing'],
    ['aws/inventory.json', 'missing'],
    ['postgres/owner', 'garbage'],
    ['owner-password', 'empty'],
    ['fed-until', 'garbage'],
    ['tickstock-data.json', 'half'],
  ]
  for (const [file, way] of again) damage(file, way)
  for (const file of ['runtime.lock', 'aws/runtime.lock'])
    writeFileSync(join(data, file), `${process.pid}\n1`)
  restore = () => {}
  running = await startIn(data, '--history', '1')
  expect(await running.interrupt()).toBe(0)
})

it('goes on as before once the copies are back', async () => {
  running = await startIn(data, '--history', '5')
  expect(await running.interrupt()).toBe(0)
  expect(running.printed()).toMatch(/stopped; [1-9]\d* bars were written/)
})

/** Damages a file, which may be given by a pattern, and keeps a copy that is put back after the test. */
function damage(pattern: string, way: Way): string {
  const [parent, name] = [dirname(pattern), basename(pattern)]
  const [start = '', end] = name.split('*')
  const found = readdirSync(join(data, parent)).toSorted()
  const isMeant = (each: string) => each.startsWith(start) && each.endsWith(end ?? '')
  const file = join(data, parent, end === undefined ? name : (found.find(isMeant) ?? name))
  const copy = join(folder, 'copy')
  const { uid, gid, mode } = statSync(file)
  rmSync(copy, { recursive: true, force: true })
  cpSync(file, copy, { recursive: true })
  ways[way](file)
  restore = () => {
    restore = () => {}
    rmSync(file, { recursive: true, force: true })
    cpSync(copy, file, { recursive: true })
    chownSync(file, uid, gid)
    chmodSync(file, mode)
  }
  return file
}

/** What must be as it was: all but what Postgres writes whenever it is started. */
function kept(damaged: string): Map<string, string> {
  const files = readdirSync(data, { recursive: true, encoding: 'utf8' })
    .filter((name) => !BOOKKEEPING.test(name))
    .map((name) => join(data, name))
  return new Map(
    [...files, damaged]
      .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile())
      .toSorted()
      .map((file) => [file, readFileSync(file).toString('latin1')] as const)
      .filter(([, content]) => content !== ''),
  )
}

const BOOKKEEPING = /^postgres\b|^functions\.log$/
