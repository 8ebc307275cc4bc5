import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { READ_SESSION } from '../../../functions/api/read-session.ts'
import { startMigratedServer, type TestServer } from '../../support/test-server.ts'

const LIMITS = `SELECT current_setting('default_transaction_read_only') AS only, current_setting('statement_timeout') AS timeout`

let server: TestServer

beforeAll(async () => {
  server = await startMigratedServer()
})

afterAll(() => server.remove())

/** Prepares the session of a client; the statements that it took. */
async function prepare(client: Client): Promise<string[]> {
  const said: string[] = []
  const query = async (text: string) => {
    said.push(text)
    return await client.query(text)
  }
  await READ_SESSION.prepare({ query })
  return said
}

describe('the session of the API', () => {
  it('takes its limits from the role and sets nothing, for which RDS Proxy would pin it', async () => {
    await server.as('app_readonly', async (client) => {
      const said = await prepare(client)
      expect(said).toHaveLength(1)
      expect(said.join()).not.toMatch(/\b(SET|set_config|PREPARE|LISTEN|DISCARD|TEMP|pg_advisory_lock)\b/)
    })
  })

  it('has them on every connection of the role, as a proxy gives it one for each transaction', async () => {
    for (let connection = 0; connection < 3; connection++)
      await server.as('app_readonly', async (client) => {
        expect((await client.query(LIMITS)).rows).toEqual([{ only: 'on', timeout: '5s' }])
      })
  })

  it.each([
    ['ALTER ROLE app_readonly SET default_transaction_read_only = off', 'default_transaction_read_only'],
    ["ALTER ROLE app_readonly SET statement_timeout = '60s'", 'statement_timeout'],
    ['ALTER ROLE app_readonly SET statement_timeout = 0', 'statement_timeout'],
  ])('sets them itself after %s', async (change, setting) => {
    const owned = await server.as('owner', async (client) => {
      const { rows } = await client.query<{ value: string }>(
        `SELECT substring(each FROM '=(.*)') AS value FROM pg_roles, unnest(rolconfig) each
         WHERE rolname = 'app_readonly' AND each LIKE '${setting}=%'`,
      )
      await client.query(change)
      return rows[0]?.value
    })
    await server.as('app_readonly', async (client) => {
      expect(await prepare(client)).toHaveLength(2)
      expect((await client.query(LIMITS)).rows).toEqual([{ only: 'on', timeout: '5s' }])
    })
    await server.as('owner', (client) => client.query(`ALTER ROLE app_readonly SET ${setting} = '${owned}'`))
  })
})
