import * as z from 'zod'

import type { DatabaseOptions, Queryable } from '../shared/postgres/database.ts'

/** How long one statement may take, in milliseconds; the role has a limit of its own, three times as long. */
export const STATEMENT_TIMEOUT_MS = 5000

// Said in a statement, since RDS Proxy takes no settings when a session begins.
const READ_ONLY = `SET default_transaction_read_only = on; SET statement_timeout = ${STATEMENT_TIMEOUT_MS}`

const MAY_WRITE = `
  SELECT current_user AS role, coalesce(bool_or(
    has_table_privilege(oid, 'INSERT') OR has_table_privilege(oid, 'UPDATE') OR has_table_privilege(oid, 'DELETE')
  ), false) AS writes
  FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'p'`

const mayWriteSchema = z.tuple([z.object({ role: z.string(), writes: z.boolean() })])

/** The secret holds a role that may write: a mistake of the deployment, with which it does not run. */
export class WriterRoleError extends Error {
  override readonly name = 'WriterRoleError'

  constructor(role: string) {
    super(`the function was given the role ${role}, which may write; give it the secret of app_readonly`)
  }
}

/** How the API connects: read-only, whatever the role permits; it does not serve with a role that may write. */
export const READ_SESSION = {
  queryTimeout: STATEMENT_TIMEOUT_MS + 2000,
  prepare: async (session: Queryable): Promise<void> => {
    await session.query(READ_ONLY)
    const [{ role, writes }] = mayWriteSchema.parse((await session.query(MAY_WRITE)).rows)
    if (writes) throw new WriterRoleError(role)
  },
} satisfies Partial<DatabaseOptions>
