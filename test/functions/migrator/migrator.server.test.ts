import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { basename, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createMigrator } from '../../../functions/migrator/migrator.ts'
import { asOwner, MigratorBusyError } from '../../../functions/migrator/owner-session.ts'
import { startEmptyServer, type TestServer } from '../../support/test-server.ts'

const MIGRATIONS = readdirSync(join(import.meta.dirname, '../../../functions/migrator/migrations'))
  .map((file) => basename(file, '.sql'))
  .toSorted()

let server: TestServer

beforeAll(async () => {
  server = await startEmptyServer()
})
afterAll(() => server.remove())

const migrateNow = () => createMigrator(server.migratorParts)({ type: 'migrate' })

describe('migrations', () => {
  it('run once, whoever comes first of two at a time', async () => {
    const results = await Promise.all([migrateNow(), migrateNow()])
    expect(results).toEqual(
      expect.arrayContaining([
        { migrations: MIGRATIONS, partitionsCreated: expect.any(Number) },
        { migrations: [], partitionsCreated: 0 },
      ]),
    )
  })

  it('give up on another run that does not end, and say what to do', async () => {
    const release = Promise.withResolvers<void>()
    const held = Promise.withResolvers<void>()
    const hold = asOwner(server.credentials('owner'), false, async () => {
      held.resolve()
      await release.promise
    })
    await held.promise
    try {
      const second = asOwner(server.credentials('owner'), false, async () => 'ran', { waitSeconds: 1 })
      await expect(second).rejects.toThrow(MigratorBusyError)
      await expect(second).rejects.toThrow(/holds the database since more than 1 s: wait .*"end-session"/)
    } finally {
      release.resolve()
    }
    await hold
  })

  it('change nothing when run again', async () => {
    const describeSchema = () =>
      server.as('owner', async (client) => {
        const { rows } = await client.query(
          `SELECT relname, relkind, relacl::text, pg_get_partkeydef(oid) FROM pg_class
           WHERE relnamespace IN ('public'::regnamespace, 'partitions'::regnamespace) ORDER BY relname`,
        )
        return rows
      })
    const before = await describeSchema()
    expect(await migrateNow()).toEqual({
      migrations: [],
      partitionsCreated: 0,
    })
    expect(await describeSchema()).toEqual(before)
  })

  it('give the roles the passwords of their secrets, the new ones after a rotation', async () => {
    const rotated = { ...server.credentials('app_readonly'), password: 'ß rotated €' }
    const { credentials } = server.migratorParts
    const migrate = createMigrator({
      ...server.migratorParts,
      credentials: { ...credentials, read: async () => rotated },
    })
    await migrate({ type: 'migrate' })
    expect((await server.as(rotated, (client) => client.query('SELECT 1 AS one'))).rows).toEqual([{ one: 1 }])
    await expect(server.as('app_readonly', (client) => client.query('SELECT 1'))).rejects.toMatchObject({
      code: '28P01',
    })
    await migrateNow()
  })

  it('refuse a secret that is for another role', async () => {
    const { credentials } = server.migratorParts
    const migrate = createMigrator({
      ...server.migratorParts,
      credentials: { ...credentials, read: credentials.owner },
    })
    await expect(migrate({ type: 'migrate' })).rejects.toThrow(
      'the secret for app_readonly has the username "owner"',
    )
  })
})

describe('the view of indicators', () => {
  it('has one row per indicator', async () => {
    await server.as('app_readwrite', (client) =>
      client.query(
        `INSERT INTO indicator_values VALUES ('A', '2025-11-10T17:24Z', '1Min', 2,
         '{"rsi_14": 61.20512345, "sma_20": null, "sma_5": "0.00000001"}', '2025-11-10T17:25Z')`,
      ),
    )
    const { rows } = await server.as('app_readonly', (client) =>
      client.query('SELECT indicator_name, value, revision FROM intraday_indicators ORDER BY indicator_name'),
    )
    expect(rows).toEqual([
      { indicator_name: 'rsi_14', value: '61.20512345', revision: 2 },
      { indicator_name: 'sma_20', value: null, revision: 2 },
      { indicator_name: 'sma_5', value: '0.00000001', revision: 2 },
    ])
  })
})

const answered = (body: Record<string, unknown>) => [
  {
    method: 'PUT',
    type: '',
    body: {
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Migrated',
      PhysicalResourceId: 'database-schema',
      ...body,
    },
  },
]

describe('the custom resource', () => {
  let cloudFormation: Server
  let answers: {
    readonly method: string | undefined
    readonly type: string | undefined
    readonly body: unknown
  }[]
  let status: number
  let request: Record<string, unknown>

  beforeEach(async () => {
    answers = []
    status = 200
    cloudFormation = createServer((incoming, response) => {
      const answer = async () => {
        const body: unknown = JSON.parse(await text(incoming))
        answers.push({ method: incoming.method, type: incoming.headers['content-type'], body })
        response.writeHead(status).end()
      }
      void answer()
    }).listen(0, '127.0.0.1')
    await once(cloudFormation, 'listening')
    const address = cloudFormation.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    request = {
      RequestType: 'Create',
      ResponseURL: `http://127.0.0.1:${port}/answer?signature=1`,
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Migrated',
      ResourceProperties: { ServiceToken: 'arn' },
    }
  })

  afterEach(() => cloudFormation.close())

  it.each(['Create', 'Update'])('is told of success on %s', async (type) => {
    await createMigrator(server.migratorParts)({ ...request, RequestType: type })
    expect(answers).toEqual(answered({ Status: 'SUCCESS', Reason: 'done', Data: { migrations: '' } }))
  })

  it('keeps the data on Delete, and needs no database for it', async () => {
    const unreachable = async () => ({ ...server.credentials('owner'), port: 1 })
    const migrate = createMigrator({
      ...server.migratorParts,
      credentials: { ...server.migratorParts.credentials, owner: unreachable },
    })
    await migrate({ ...request, RequestType: 'Delete', PhysicalResourceId: 'of before' })
    expect(answers).toEqual(
      answered({ Status: 'SUCCESS', Reason: 'done', PhysicalResourceId: 'of before', Data: {} }),
    )
  })

  it('is told of failure, with the reason and without the password', async () => {
    const wrong = async () => ({ ...server.credentials('owner'), password: 'not the one' })
    const migrate = createMigrator({
      ...server.migratorParts,
      credentials: { ...server.migratorParts.credentials, owner: wrong },
    })
    await migrate(request)
    expect(answers).toEqual(
      answered({ Status: 'FAILED', Reason: 'password authentication failed for user "owner"' }),
    )
  })

  it('fails loudly when CloudFormation does not take the answer', async () => {
    status = 403
    await expect(createMigrator(server.migratorParts)(request)).rejects.toThrow('CloudFormation answered 403')
  })

  it('fails when called directly and the migration fails', async () => {
    const wrong = async () => ({ ...server.credentials('owner'), password: 'not the one' })
    const migrate = createMigrator({
      ...server.migratorParts,
      credentials: { ...server.migratorParts.credentials, owner: wrong },
    })
    await expect(migrate({ type: 'migrate' })).rejects.toThrow('password authentication failed')
  })

  it('refuses an event that it does not know', async () => {
    await expect(
      createMigrator(server.migratorParts)({ ...request, ResponseURL: 'ftp://x' }),
    ).rejects.toThrow(/wrong in ResponseURL/)
  })
})
