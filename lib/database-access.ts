import type { DatabaseAccess } from '../functions/shared/postgres/access.ts'
import type { Database } from './database.ts'
import type { PartFunction } from './part-function.ts'

/** The roles of Postgres by which functions read, and read and write. */
const ROLES = { read: 'app_readonly', write: 'app_readwrite' } as const

export type RoleName = keyof typeof ROLES

/** Environment of a function that connects as a role. */
export function accessOf(database: Database, role: RoleName): DatabaseAccess {
  const { byIam } = database
  if (byIam === undefined)
    return { DATABASE_ACCESS: 'password', DATABASE_SECRET_ARN: database[role].secretArn }
  return {
    DATABASE_ACCESS: 'iam',
    DATABASE_HOST: byIam.dbInstanceEndpointAddress,
    DATABASE_PORT: byIam.dbInstanceEndpointPort,
    DATABASE_NAME: database.identity.name,
    DATABASE_USER: ROLES[role],
  }
}

/** Lets a function connect as a role, and as no other. */
export function grantAccess(database: Database, role: RoleName, grantee: PartFunction): void {
  if (database.byIam === undefined) database[role].grantRead(grantee)
  else database.byIam.grantConnect(grantee, ROLES[role])
}
