import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import * as z from 'zod'

import { type LoadCredentials, secretCredentials, throughProxy } from './credentials.ts'
import type { DatabaseTls } from './tls.ts'
import { databaseToken } from './token.ts'

/** The environment variables that say how a function signs in to the database. */
export const databaseAccessSchema = z.discriminatedUnion('DATABASE_ACCESS', [
  /** With the password of a secret. */
  z.object({ DATABASE_ACCESS: z.literal('password'), DATABASE_SECRET_ARN: z.string().min(1) }),
  /** With tokens of IAM, as a role of Postgres that its policy names. */
  z.object({
    DATABASE_ACCESS: z.literal('iam'),
    DATABASE_HOST: z.string().min(1),
    DATABASE_PORT: z.coerce.number<string>().int().min(1).max(65_535),
    DATABASE_NAME: z.string().min(1),
    DATABASE_USER: z.string().min(1),
  }),
])

/** What a construct sets. */
export type DatabaseAccess = z.input<typeof databaseAccessSchema>

/**
 * How a function signs in, as its environment says.
 *
 * @param client reads the secret; with tokens only its credentials and region are used
 */
export function databaseCredentials(
  environment: z.output<typeof databaseAccessSchema> & DatabaseTls,
  client: SecretsManagerClient,
): LoadCredentials {
  if (environment.DATABASE_ACCESS === 'password')
    return throughProxy(secretCredentials(client, environment.DATABASE_SECRET_ARN), environment)
  const { DATABASE_HOST: host, DATABASE_PORT: port, DATABASE_NAME: dbname } = environment
  const address = { host, port, dbname, username: environment.DATABASE_USER }
  return async () => ({ ...address, password: await databaseToken(client.config, address) })
}
