import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { READ_SESSION } from '../../../functions/api/read-session.ts'
import { startMigratedServer, type TestServer } from '../../support/test-server.ts'
import { type ApiHarness, startApi } from './harness.ts'

describe('with the secret of a role that may write', () => {
  let api: ApiHarness
  beforeAll(async () => {
    api = await startApi({ connect: (server) => server.credentials('app_readwrite') })
  })
  afterAll(() => api.close())

  it('the API serves nothing, tells clients nothing and the log why', async () => {
    const answer = await api.get('/v1/symbols')
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
    expect(answer.body).not.toContain('app_readwrite')
    expect(String(api.errors[0])).toContain('the role app_readwrite, which may write')
  })

  it.each(['INSERT INTO symbols VALUES (1)', 'DELETE FROM ohlcv_1min', 'UPDATE symbols SET symbol = 1'])(
    'and its session could not: %s',
    async (statement) => {
      await api.server.as('app_readwrite', async (client) => {
        const session = { query: (text: string) => client.query(text) }
        await expect(READ_SESSION.prepare(session)).rejects.toThrow('may write')
        await expect(client.query(statement)).rejects.toMatchObject({ code: '25006' })
      })
    },
  )
})

describe('when the database', () => {
  let server: TestServer
  let api: ApiHarness
  beforeAll(async () => {
    server = await startMigratedServer()
    api = await startApi({ server })
  })
  afterAll(() => api.close())
  afterEach(() => {
    api.errors.length = 0
  })

  it('is away, the API answers 503 and comes back with it', async () => {
    expect(await api.get('/v1/symbols')).toMatchObject({ status: 200 })
    await server.stop()
    const answer = await api.get('/v1/symbols')
    expect(answer).toMatchObject({ status: 503, json: { type: 'urn:tickstock:unavailable' } })
    expect(answer.body).not.toMatch(/127\.0\.0\.1|ECONNREFUSED/)
    expect(api.errors).toHaveLength(1)
    expect(api.measured.at(-1)).toMatchObject({ failures: 1 })
    await server.start()
    expect(await api.get('/v1/symbols')).toMatchObject({ status: 200 })
  })

  it('does not finish in time, the API answers 503', async () => {
    await api.server.as('owner', async (client) => {
      await client.query('BEGIN')
      await client.query('LOCK TABLE symbols IN ACCESS EXCLUSIVE MODE')
      expect(await api.get('/v1/symbols')).toMatchObject({
        status: 503,
        json: { type: 'urn:tickstock:too-slow', detail: expect.stringContaining('5 s') },
      })
    })
  })

  it('lacks a table, the API answers 500 and says nothing of it', async () => {
    await api.server.as('owner', (client) => client.query('ALTER TABLE symbols RENAME TO hidden'))
    const answer = await api.get('/v1/symbols')
    await api.server.as('owner', (client) => client.query('ALTER TABLE hidden RENAME TO symbols'))
    expect(answer).toMatchObject({ status: 500, json: { type: 'urn:tickstock:internal' } })
    expect(answer.body).not.toContain('symbols')
    expect(api.errors).toHaveLength(1)
  })
})
