import { afterAll, beforeAll, expect, it } from 'vitest'

import { openDatabase } from '../../../../functions/shared/postgres/database.ts'
import { createDatabase, type TestDatabase } from '../../../support/test-database.ts'

let server: TestDatabase

beforeAll(async () => {
  server = await createDatabase()
  await server.as('owner', (client) => client.query('CREATE SEQUENCE sent'))
})
afterAll(() => server.remove())

it('does not send a statement again that took too long', async () => {
  const database = openDatabase(async () => server.credentials('app_readwrite'), {
    ssl: false,
    applicationName: 'test',
    prepare: async (session) => {
      await session.query('SET statement_timeout = 200')
    },
  })
  await expect(database.query(`SELECT nextval('sent'), pg_sleep(10)`)).rejects.toMatchObject({
    code: '57014',
  })
  await database.end()
  const { rows } = await server.as('owner', (client) => client.query('SELECT last_value FROM sent'))
  expect(rows).toEqual([{ last_value: '1' }])
})

it('connects anew after it has rested for so long that the network may have forgotten the connection', async () => {
  let now = 0
  const database = openDatabase(async () => server.credentials('app_readwrite'), {
    ssl: false,
    applicationName: 'test',
    now: () => now,
  })
  const session = async () => (await database.query('SELECT pg_backend_pid() AS pid')).rows
  const first = await session()
  now += 240_000
  expect(await session()).toEqual(first)
  now += 240_001
  expect(await session()).not.toEqual(first)
  await database.end()
})
