import type { Client } from 'pg'
import * as z from 'zod'

import { type Finding, finding } from './finding.ts'

const READ_ROLE = 'app_readonly'

const rowSchema = z.tuple([
  z.object({ role: z.string(), is_superuser: z.boolean(), owned: z.coerce.number() }),
])

const ROLE = `
  SELECT current_user AS role, rolsuper AS is_superuser, (
    SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname IN ('public', 'partitions') AND relkind IN ('r', 'p') AND pg_has_role(current_user, relowner, 'MEMBER')
  ) AS owned
  FROM pg_roles WHERE rolname = current_user`

/**
 * The connected role. `wrong` is every role other than the read role, and a superuser or owner: the statements that must be
 * denied would succeed as one of those.
 */
export async function roleOf(client: Client): Promise<{ type: 'right' | 'wrong'; finding: Finding }> {
  const [{ role, is_superuser: isSuperuser, owned }] = rowSchema.parse((await client.query(ROLE)).rows)
  const isRight = role === READ_ROLE && !isSuperuser && owned === 0
  const powers = isSuperuser ? ', a superuser' : owned > 0 ? `, an owner of ${owned} tables` : ''
  const advice = `: nothing was tried; give --database the connection string of ${READ_ROLE}`
  const found = isRight ? role : `${role}${powers}${role === READ_ROLE ? ': nothing was tried' : advice}`
  return {
    type: isRight ? 'right' : 'wrong',
    finding: finding('the role that permissions are tried as', READ_ROLE, { found, holds: isRight }),
  }
}
