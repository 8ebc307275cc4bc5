import type { ConnectionOptions } from 'node:tls'
import type { LoadCredentials } from '../shared/postgres/credentials.ts'
import { type Outcome, respond } from './custom-resource.ts'
import { type CustomResourceEvent, parseEvent } from './events.ts'
import { diagnose, type Diagnosis, endSession } from './diagnose.ts'
import { maintain, type Maintained, makePartitions } from './maintain.ts'
import { migrate, type MigrationLog } from './migrate.ts'
import { asOwner, inSession } from './owner-session.ts'
import { rotate } from './rotate.ts'
import type { RoleAccess } from './role-access.ts'
import type { RotatingSecret } from './rotating-secret.ts'

export type MigratorDeps = {
  readonly credentials: {
    readonly owner: LoadCredentials
    readonly write: LoadCredentials
    readonly read: LoadCredentials
  }
  /** By ARN: the secrets that are rotated. */
  readonly secrets: ReadonlyMap<string, RotatingSecret>
  /** How the two roles sign in. */
  readonly access: RoleAccess
  readonly ssl: ConnectionOptions | false
  readonly retentionDays: number
  readonly partitionsAhead: number
  readonly log: MigrationLog
}

export type Migrated = { readonly migrations: readonly string[]; readonly partitionsCreated: number }

/** The function: migrates at each deployment, keeps the partitions, changes passwords, looks for an operator. */
export function createMigrator(
  deps: MigratorDeps,
): (event: unknown) => Promise<Migrated | Maintained | Diagnosis | { readonly ended: boolean } | void> {
  const { credentials, ssl } = deps
  return async (event) => {
    const parsed = parseEvent(event)
    switch (parsed.type) {
      case 'custom-resource':
        return await answer(deps, parsed.request)
      case 'rotate':
        return await rotate({ ...deps, owner: credentials.owner }, parsed.rotation)
      case 'migrate':
        return await deploy(deps)
      case 'maintain':
        return await asOwner(await credentials.owner(), ssl, (client) => maintain(client, deps))
      // Without the lock: it may be another run that has to be diagnosed.
      case 'diagnose':
        return await inSession(await credentials.owner(), ssl, diagnose)
      case 'end-session':
        return await inSession(await credentials.owner(), ssl, (client) => endSession(client, parsed.pid))
    }
  }
}

async function deploy({ credentials, access, ssl, partitionsAhead, log }: MigratorDeps): Promise<Migrated> {
  const [owner, write, read] = await Promise.all([
    credentials.owner(),
    credentials.write(),
    credentials.read(),
  ])
  return await asOwner(owner, ssl, async (client) => {
    const migrations = await migrate(client, { write, read, access, log })
    const { partitionsCreated } = await makePartitions(client, partitionsAhead)
    return { migrations, partitionsCreated }
  })
}

async function answer(deps: MigratorDeps, request: CustomResourceEvent): Promise<undefined> {
  // The data outlives the stack's resource.
  if (request.RequestType === 'Delete') return await respond(request, { status: 'SUCCESS', data: {} })
  let outcome: Outcome
  try {
    const { migrations } = await deploy(deps)
    outcome = { status: 'SUCCESS', data: { migrations: migrations.join(',') } }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    deps.log.error(`migration failed: ${reason}`)
    outcome = { status: 'FAILED', reason }
  }
  return await respond(request, outcome)
}
