import { prepareDatabase, type RunningPostgres } from 'embedded-aws/postgres'

import { createMigrator } from '../functions/migrator/migrator.ts'
import type { Credentials } from '../functions/shared/postgres/credentials.ts'

/** How a role connects. */
export type Login = (username: string) => Credentials

export function loginOf({ host, port }: Pick<RunningPostgres, 'host' | 'port'>): Login {
  return (username) => ({ username, password: `password of ${username}`, host, port, dbname: 'tickstock' })
}

/** Makes the database with its schema and roles, where it is not there yet. */
export async function migrate({ superuser }: Pick<RunningPostgres, 'superuser'>, as: Login): Promise<void> {
  await prepareDatabase({ superuser, database: as('').dbname, owner: as('tickstock_owner') })
  await createMigrator({
    credentials: {
      owner: async () => as('tickstock_owner'),
      write: async () => as('app_readwrite'),
      read: async () => as('app_readonly'),
    },
    secrets: new Map(),
    access: 'password',
    ssl: false,
    retentionDays: 3650,
    partitionsAhead: 1,
    log: { info: () => {}, warn: () => {}, error: () => {} },
  })({ type: 'migrate' })
}
