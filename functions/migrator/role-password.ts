import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import type { Client } from 'pg'
import type { Credentials } from '../shared/postgres/credentials.ts'

const ITERATIONS = 4096

/**
 * Gives a role the password of its secret. Only the verifier travels, so no server log can show the password.
 * @throws Error when the secret is for another role
 */
export async function setPassword(client: Client, role: string, credentials: Credentials): Promise<void> {
  if (credentials.username !== role) {
    throw new Error(`the secret for ${role} has the username "${credentials.username}": it must be "${role}"`)
  }
  const verifier = client.escapeLiteral(scramVerifier(credentials.password))
  await client.query(`ALTER ROLE ${client.escapeIdentifier(role)} PASSWORD ${verifier}`)
}

/** What Postgres stores for a password: SCRAM-SHA-256, RFC 5802 section 3 and RFC 7677. */
function scramVerifier(password: string): string {
  const salt = randomBytes(16)
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, ITERATIONS, 32, 'sha256')
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest()
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${hmac('Server Key').toString('base64')}`
}
