import { readFileSync } from 'node:fs'
import { type ConnectionOptions, rootCertificates } from 'node:tls'
import * as z from 'zod'

/** The environment variables that decide how the server certificate of the database is verified. */
export const databaseTlsSchema = z.discriminatedUnion('DATABASE_TLS', [
  /** For a database on loopback. */
  z.object({ DATABASE_TLS: z.literal('off') }),
  /** The server must show a certificate for its host name, signed by the bundle (PEM). */
  z.object({ DATABASE_TLS: z.literal('verify'), DATABASE_CA_FILE: z.string().min(1) }),
  /** Through a proxy, whose certificate is signed by an authority that Node trusts. */
  z.object({ DATABASE_TLS: z.literal('verify-public'), DATABASE_PROXY_HOST: z.string().min(1) }),
])

export type DatabaseTls = z.infer<typeof databaseTlsSchema>

/** What `pg` takes as `ssl`. */
export function tlsOptions(tls: DatabaseTls): ConnectionOptions | false {
  if (tls.DATABASE_TLS === 'off') return false
  const ca =
    tls.DATABASE_TLS === 'verify' ? readFileSync(tls.DATABASE_CA_FILE, 'utf8') : [...rootCertificates]
  return { ca, rejectUnauthorized: true }
}
