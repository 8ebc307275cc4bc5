import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { Client } from 'pg'

import { type Credentials, parseCredentials } from '../../functions/shared/postgres/credentials.ts'
import { clientOptions } from '../local/client-options.ts'
import { UsageError } from '../local/errors.ts'

export type Place = {
  readonly stage: string
  /** Connection string of `app_readonly`; undefined takes the secret. */
  readonly database: string | undefined
}

/** How to reach the database, as the roles that verify needs. */
export type Connections = {
  readonly read: () => Promise<Client>
  /** Undefined when its secret cannot be read from here. */
  readonly owner: (() => Promise<Client>) | undefined
}

/**
 * Finds the database by its secrets, at the address of `database` where that is given.
 *
 * @throws UsageError when there is neither
 */
export async function findConnections({ stage, database }: Place): Promise<Connections> {
  const [read, owner] = await Promise.all([secret(stage, 'read'), secret(stage, 'owner')])
  if (database === undefined && read === undefined)
    throw new UsageError(
      `the secret tickstock/${stage}/database/read cannot be read at ${process.env['AWS_ENDPOINT_URL'] ?? 'AWS'}: is stage ${stage} running there? Or give --database with the connection string of app_readonly.`,
    )
  return {
    read: () => connect(database === undefined ? configOf(read) : { connectionString: database }),
    owner:
      owner && (() => connect({ ...configOf(owner), ...(database !== undefined && addressIn(database)) })),
  }
}

async function secret(stage: string, role: 'read' | 'owner'): Promise<Credentials | undefined> {
  const id = `tickstock/${stage}/database/${role}`
  try {
    const client = new SecretsManagerClient({ ...clientOptions('SECRETS_MANAGER'), maxAttempts: 1 })
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: id }))
    return parseCredentials(SecretString, id)
  } catch {
    return undefined
  }
}

function configOf(credentials: Credentials | undefined) {
  return {
    host: credentials?.host,
    port: credentials?.port,
    user: credentials?.username,
    password: credentials?.password,
    database: credentials?.dbname,
  }
}

function addressIn(connectionString: string) {
  const { hostname, port, pathname } = new URL(connectionString)
  return { host: hostname, port: Number(port || 5432), database: pathname.slice(1) }
}

async function connect(config: ConstructorParameters<typeof Client>[0]): Promise<Client> {
  const client = new Client(config)
  try {
    await client.connect()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`the database does not let us in: ${reason}`, { cause: error })
  }
  // Counting duplicates reads every bar there is.
  await client.query(`SET statement_timeout = '10min'`)
  return client
}
