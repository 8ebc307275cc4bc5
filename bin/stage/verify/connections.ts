import { Client } from 'pg'

import { UsageError } from '../../terminal/errors.ts'
import type { DeployedStage } from '../find-deployment.ts'
import { type Address, parseAddress } from './address.ts'
import { messageOf } from './reason.ts'
import { readSecret, type Secret } from './secret.ts'
import { tlsAdvice, tlsOf } from './tls.ts'

/** Where the database is looked for. */
export type Place = {
  readonly deployed: DeployedStage
  /** Connection string of `app_readonly`; the secret supplies what it omits, or all where it is undefined. */
  readonly database: string | undefined
}

/** How to reach the database, as the roles that verify needs. Each opens a session, or throws a UsageError. */
export type Connections = {
  readonly read: () => Promise<Client>
  readonly owner: () => Promise<Client>
  /** Why no AWS service answers; undefined when they do. */
  readonly unreachable: string | undefined
}

/** A session that waits for a lock makes others wait behind it. */
const LOCK_TIMEOUT = '2s'
const STATEMENT_TIMEOUT = '15s'
const CONNECTION_TIMEOUT_MS = 10_000

/**
 * Finds the database by its secrets, at the address of `database` where that is given.
 *
 * @throws UsageError when `database` is no connection string
 */
export async function findConnections({ deployed, database }: Place): Promise<Connections> {
  const { stage } = deployed
  const address = database === undefined ? undefined : parseAddress(database)
  const [read, owner] = await Promise.all([readSecret(deployed, 'read'), readSecret(deployed, 'owner')])
  return {
    read: () => connect(stage, read, address),
    owner: () => connect(stage, owner, address && { ...address, user: undefined, password: undefined }),
    unreachable: read.type === 'unreachable' ? read.reason : undefined,
  }
}

async function connect(stage: string, secret: Secret, address: Address | undefined): Promise<Client> {
  const credentials = secret.type === 'read' ? secret.credentials : undefined
  const user = address?.user ?? credentials?.username
  const host = address?.host ?? credentials?.host ?? ''
  if (secret.type !== 'read' && user === undefined) throw new UsageError(secret.reason)
  const client = new Client({
    host,
    port: address?.port ?? credentials?.port,
    database: address?.database ?? credentials?.dbname ?? 'tickstock',
    user,
    password: address?.password ?? (user === credentials?.username ? credentials?.password : undefined),
    ssl: tlsOf({
      stage,
      host,
      certificateHost: credentials?.host ?? host,
      sslmode: address?.sslmode,
      sslrootcert: address?.sslrootcert,
    }),
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    application_name: 'tickstock-verify',
  })
  // The statement that runs reports that the connection was lost.
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (error) {
    const reason = messageOf(error)
    throw new UsageError(`the database at ${host} does not let ${user} in: ${reason}${tlsAdvice(reason)}`, {
      cause: error,
    })
  }
  await client.query(`SET lock_timeout = '${LOCK_TIMEOUT}'; SET statement_timeout = '${STATEMENT_TIMEOUT}'`)
  return client
}
