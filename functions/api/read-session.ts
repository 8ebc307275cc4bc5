import * as z from 'zod'

import type { DatabaseOptions, Queryable } from '../shared/postgres/database.ts'

/** How long one statement may take, in milliseconds, as migration 0011 sets it on the role. */
export const STATEMENT_TIMEOUT_MS = 5000

/** For a role that does not have these settings. RDS Proxy pins a session that says them. */
const READ_ONLY = `SET default_transaction_read_only = on; SET statement_timeout = ${STATEMENT_TIMEOUT_MS}`

const HOW_IT_IS = `
  SELECT current_user AS role,
    current_setting('default_transaction_read_only') = 'on' AND (
      SELECT setting::int BETWEEN 1 AND ${STATEMENT_TIMEOUT_MS} FROM pg_settings WHERE name = 'statement_timeout'
    ) AS limited,
    coalesce(bool_or(
      has_table_privilege(oid, 'INSERT') OR has_table_privilege(oid, 'UPDATE') OR has_table_privilege(oid, 'DELETE')
    ), false) AS writes
  FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'p'`

const sessionSchema = z.tuple([z.object({ role: z.string(), limited: z.boolean(), writes: z.boolean() })])

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
    const [{ role, limited, writes }] = sessionSchema.parse((await session.query(HOW_IT_IS)).rows)
    if (!limited) await session.query(READ_ONLY)
    if (writes) throw new WriterRoleError(role)
  },
} satisfies Partial<DatabaseOptions>
