import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type RunningPostgres, startPostgres, type StartPostgresOptions } from './start-postgres.ts'

let folder: string
let running: RunningPostgres[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tickstock-template-'))
  running = []
})

afterEach(async () => {
  await Promise.all(running.map((postgres) => postgres.stop()))
  await rm(folder, { recursive: true, force: true })
})

it('makes a throw-away cluster as a copy of the first one, which goes its own way', async () => {
  const first = await start('first')
  await query(first, 'CREATE TABLE kept AS SELECT 1 AS one')
  const second = await start('second')
  expect(await identifierOf(second)).toEqual(await identifierOf(first))
  await query(second, 'CREATE TABLE kept AS SELECT 2 AS one')
  expect(await query(first, 'SELECT one FROM kept')).toEqual([{ one: 1 }])
  await second.stop()
  expect(await query(await start('second'), 'SELECT one FROM kept')).toEqual([{ one: 2 }])
})

it('makes clusters at the same time, and one to keep or of a password of its own anew', async () => {
  const [one, other] = await Promise.all([start('one'), start('other')])
  const third = await start('third')
  expect([await identifierOf(one), await identifierOf(other)]).toContainEqual(await identifierOf(third))
  const kept = await start('kept', { durability: 'full' })
  const own = await start('own', { superuserPassword: 'its own' })
  const identifiers = (await Promise.all([third, kept, own].map(identifierOf))).map((each) =>
    JSON.stringify(each),
  )
  expect(new Set(identifiers).size).toBe(3)
})

it('does without a template where none can be kept', async () => {
  const templates = join(folder, 'file')
  await writeFile(templates, '')
  expect(await query(await start('first', { templates }), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

async function start(name: string, options: Partial<StartPostgresOptions> = {}): Promise<RunningPostgres> {
  const postgres = await startPostgres({
    folder: join(folder, name),
    durability: 'none',
    templates: join(folder, 'templates'),
    ...options,
  })
  running.push(postgres)
  return postgres
}

async function identifierOf(postgres: RunningPostgres): Promise<unknown> {
  const [row] = await query(postgres, 'SELECT system_identifier::text FROM pg_control_system()')
  return row
}

async function query({ superuser }: RunningPostgres, text: string): Promise<unknown[]> {
  const client = new Client(superuser)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}
