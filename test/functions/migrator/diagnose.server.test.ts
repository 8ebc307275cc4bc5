import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createMigrator } from '../../../functions/migrator/migrator.ts'
import { startMigratedServer, type TestServer } from '../../support/test-server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startMigratedServer()
})
afterAll(() => server.remove())

const ask = (event: unknown) => createMigrator(server.migratorParts)(event)

describe('the migrator, asked by an operator', () => {
  it('tells who is connected, what runs and how large the tables are', async () => {
    await server.as('owner', async (client) => {
      const slow = client.query('SELECT pg_sleep(1)')
      expect(await ask({ type: 'diagnose' })).toMatchObject({
        connections: expect.arrayContaining([expect.objectContaining({ state: 'active', count: 1 })]),
        statements: [expect.objectContaining({ statement: 'SELECT pg_sleep(1)', pid: expect.any(Number) })],
        tables: expect.arrayContaining([
          { name: 'ohlcv_1min', bytes: expect.stringMatching(/^\d+$/), partitions: 5 },
        ]),
      })
      await slow
    })
  })

  it('ends a session that it names', async () => {
    await expect(
      server.as('owner', async (client) => {
        client.on('error', () => undefined)
        const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
        expect(await ask({ type: 'end-session', pid: rows[0]?.pid })).toEqual({ ended: true })
        await client.query('SELECT 1')
      }),
    ).rejects.toThrow(/terminat|not queryable/i)
  })

  it.each([{ type: 'end-session' }, { type: 'end-session', pid: '1; DROP TABLE symbols' }])(
    'refuses %j and says what it takes',
    async (event) => {
      await expect(ask(event)).rejects.toThrow(/the migrator takes .*"end-session","pid":1/)
    },
  )
})
