import { z } from 'zod'

import type { DatabaseOptions, Queryable } from '../shared/postgres/database.ts'

/** How long one statement may take, in milliseconds; the role has a limit of its own, three times as long. */
export const STATEMENT_TIMEOUT_MS = 5000

/** What every session of the API begins with, whatever the role it belongs to would allow. */
export const READ_SESSION = {
  settings: { default_transaction_read_only: 'on', statement_timeout: String(STATEMENT_TIMEOUT_MS) },
  queryTimeout: STATEMENT_TIMEOUT_MS + 2000,
} satisfies Partial<DatabaseOptions>

const MAY_WRITE = `
  SELECT current_user AS role, coalesce(bool_or(
    has_table_privilege(oid, 'INSERT') OR has_table_privilege(oid, 'UPDATE') OR has_table_privilege(oid, 'DELETE')
  ), false) AS writes
  FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')`

const mayWriteSchema = z.tuple([z.object({ role: z.string(), writes: z.boolean() })])

/** The secret holds a role that may write: a mistake of the deployment, at which the API does not serve. */
export class WriterRoleError extends Error {
  override readonly name = 'WriterRoleError'

  constructor(role: string) {
    super(`the API was given the role ${role}, which may write; give it the secret of app_readonly`)
  }
}

/** Lets statements through once the role was seen to be unable to write. */
export function readOnly(database: Queryable): Queryable {
  let checked = false
  return {
    query: async (text, values) => {
      if (!checked) {
        const [{ role, writes }] = mayWriteSchema.parse((await database.query(MAY_WRITE)).rows)
        if (writes) throw new WriterRoleError(role)
        checked = true
      }
      return database.query(text, values)
    },
  }
}
