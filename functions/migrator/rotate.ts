import { randomBytes } from 'node:crypto'
import type { ConnectionOptions } from 'node:tls'
import { type Credentials, type LoadCredentials, parseCredentials } from '../shared/postgres/credentials.ts'
import { failureKind } from '../shared/postgres/errors.ts'
import type { RotationStep } from './events.ts'
import { asOwner, inSession } from './owner-session.ts'
import { setPassword } from './role-password.ts'
import type { RotatingSecret } from './rotating-secret.ts'

const PASSWORD_BYTES = 24

export type RotateDeps = {
  /** The secrets that are rotated, by ARN. */
  readonly secrets: ReadonlyMap<string, RotatingSecret>
  /** Whoever may set passwords. */
  readonly owner: LoadCredentials
  readonly ssl: ConnectionOptions | false
}

/**
 * Does one of the four steps by which Secrets Manager changes a password. Each may be repeated, and begun again where
 * an earlier rotation died.
 *
 * @throws Error when the secret is none of ours
 */
export async function rotate(deps: RotateDeps, { step, secretArn, version }: RotationStep): Promise<void> {
  const secret = deps.secrets.get(secretArn)
  if (secret === undefined) throw new Error(`the secret ${secretArn} is none of the database's`)
  if (step === 'createSecret') return await create(secret, { secretArn, version })
  const next = parseCredentials(await secret.pending(version), secretArn)
  if (step === 'testSecret') return await inSession(next, deps.ssl, async () => undefined)
  // Again before it counts: a deployment in between gives the roles the passwords in use.
  if (!(await canConnect(next, deps.ssl))) await giveToRole(deps, next)
  if (step === 'finishSecret') await secret.finish(version)
}

async function create(
  secret: RotatingSecret,
  { secretArn, version }: { readonly secretArn: string; readonly version: string },
): Promise<void> {
  if ((await secret.pending(version)) !== undefined) return
  const text = await secret.current()
  const { username } = parseCredentials(text, secretArn)
  const password = randomBytes(PASSWORD_BYTES).toString('hex')
  // Fields of others are kept: RDS has put its own beside ours.
  await secret.putPending(version, JSON.stringify({ ...JSON.parse(text), username, password }))
}

async function giveToRole({ owner, ssl }: RotateDeps, next: Credentials): Promise<void> {
  await asOwner(await owner(), ssl, (client) => setPassword(client, next.username, next))
}

async function canConnect(credentials: Credentials, ssl: ConnectionOptions | false): Promise<boolean> {
  try {
    return await inSession(credentials, ssl, async () => true)
  } catch (error) {
    if (failureKind(error) === 'credentials') return false
    throw error
  }
}
