import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { createMigrator } from '../../../functions/migrator/migrator.ts'
import type { RotatingSecret } from '../../../functions/migrator/rotating-secret.ts'
import { parseCredentials } from '../../../functions/shared/postgres/credentials.ts'
import { startMigratedServer, type TestServer } from '../../support/test-server.ts'

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const
type Step = (typeof STEPS)[number]

/** A secret in memory, with a field of somebody else. */
function memorySecret(text: string): RotatingSecret {
  const next = new Map<string, string>()
  let current = text
  return {
    current: async () => current,
    pending: async (version) => next.get(version),
    putPending: async (version, pending) => {
      next.set(version, pending)
    },
    finish: async (version) => {
      current = next.get(version) ?? current
    },
  }
}

let server: TestServer
let secrets: Map<string, RotatingSecret>

beforeEach(async () => {
  server = await startMigratedServer()
  secrets = new Map(
    (['owner', 'app_readwrite', 'app_readonly'] as const).map((role) => [
      role,
      memorySecret(JSON.stringify({ ...server.credentials(role), engine: 'postgres' })),
    ]),
  )
})
afterEach(() => server.remove())

const current = async (role: string) => parseCredentials(await secrets.get(role)?.current(), role)

async function run(role: string, steps: readonly Step[], version = 'next'): Promise<void> {
  const migrator = createMigrator({
    ...server.migratorParts,
    credentials: { ...server.migratorParts.credentials, owner: () => current('owner') },
    secrets,
  })
  for (const Step of steps) await migrator({ Step, SecretId: role, ClientRequestToken: version })
}

const whoIs = async (role: string): Promise<unknown> =>
  await server.as(await current(role), async (client) => (await client.query('SELECT user')).rows)

describe('the rotation of a password', () => {
  it.each(['owner', 'app_readwrite', 'app_readonly'])('of %s shuts the old one out', async (role) => {
    const old = await current(role)
    await run(role, STEPS)
    expect(await whoIs(role)).toEqual([{ user: role }])
    await expect(server.as(old, async () => undefined)).rejects.toMatchObject({ code: '28P01' })
  })

  it('keeps the other fields of the secret', async () => {
    await run('app_readonly', STEPS)
    expect(JSON.parse((await secrets.get('app_readonly')?.current()) ?? '')).toMatchObject({
      engine: 'postgres',
      dbname: 'tickstock',
    })
  })

  it('may repeat each of its steps', async () => {
    await run(
      'owner',
      STEPS.flatMap((step) => [step, step]),
    )
    expect(await whoIs('owner')).toEqual([{ user: 'owner' }])
  })

  it('does it again when a deployment has set the password in use meanwhile', async () => {
    await run('app_readwrite', ['createSecret', 'setSecret'])
    await createMigrator(server.migratorParts)({ type: 'migrate' })
    await run('app_readwrite', ['finishSecret'])
    expect(await whoIs('app_readwrite')).toEqual([{ user: 'app_readwrite' }])
  })

  it('is followed by the next one', async () => {
    await run('app_readwrite', STEPS, 'first')
    await run('app_readwrite', STEPS, 'second')
    expect(await whoIs('app_readwrite')).toEqual([{ user: 'app_readwrite' }])
  })

  it('refuses the secret of another database by name', async () => {
    await expect(run('elsewhere', ['createSecret'])).rejects.toThrow('the secret elsewhere is none of')
  })

  it('fails its test while the new password is not in force', async () => {
    await run('app_readonly', ['createSecret'])
    await expect(run('app_readonly', ['testSecret'])).rejects.toMatchObject({ code: '28P01' })
  })
})
