import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import * as z from 'zod'
import type { DatabaseTls } from './tls.ts'

const credentialsSchema = z.object({
  username: z.string().min(1),
  password: z.string().min(1),
  host: z.string().min(1),
  port: z.coerce.number().int().min(1).max(65_535),
  dbname: z.string().min(1),
})

/** How one role connects, as its secret holds it. */
export type Credentials = Readonly<z.infer<typeof credentialsSchema>>

/** Reads the current credentials; asks anew at every call. */
export type LoadCredentials = () => Promise<Credentials>

/** A source of credentials in Secrets Manager: JSON `{username, password, host, port, dbname}`. */
export function secretCredentials(client: SecretsManagerClient, secretArn: string): LoadCredentials {
  return async () => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }))
    return parseCredentials(SecretString, secretArn)
  }
}

/** The same credentials, at the host of the proxy when there is one. */
export function throughProxy(load: LoadCredentials, tls: DatabaseTls): LoadCredentials {
  if (tls.DATABASE_TLS !== 'verify-public') return load
  return async () => ({ ...(await load()), host: tls.DATABASE_PROXY_HOST })
}

/**
 * Parses the text of a secret. No message ever holds any of it.
 * @throws Error naming the secret and the fields that are missing or wrong
 */
export function parseCredentials(text: string | undefined, secretArn: string): Credentials {
  const result = credentialsSchema.safeParse(parseJson(text))
  if (result.success) return result.data
  const fields = [...new Set(result.error.issues.map(({ path }) => path.join('.') || 'the whole text'))]
  throw new Error(
    `the secret ${secretArn} is not {"username","password","host","port","dbname"}; wrong: ${fields.join(', ')}`,
  )
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
