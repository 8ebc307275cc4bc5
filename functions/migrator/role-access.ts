import type { Client } from 'pg'

/** How a role signs in: with its password, or with tokens of IAM and nothing else. */
export type RoleAccess = 'password' | 'iam'

const MEMBERS = `SELECT member::regrole::text AS name FROM pg_auth_members
  WHERE roleid = (SELECT oid FROM pg_roles WHERE rolname = 'rds_iam')`

/**
 * Makes roles members of RDS's `rds_iam`, or ends that. Of its members RDS takes no password any more. A server that is not RDS
 * has no such role.
 *
 * @throws DatabaseError when IAM is wanted of a server without that role
 */
export async function setAccess(client: Client, roles: readonly string[], access: RoleAccess): Promise<void> {
  const { rows } = await client.query<{ readonly name: string }>(MEMBERS)
  const members = new Set(rows.map(({ name }) => name))
  for (const role of roles) {
    const name = client.escapeIdentifier(role)
    if (access === 'iam' && !members.has(role)) await client.query(`GRANT rds_iam TO ${name}`)
    if (access === 'password' && members.has(role)) await client.query(`REVOKE rds_iam FROM ${name}`)
  }
}
