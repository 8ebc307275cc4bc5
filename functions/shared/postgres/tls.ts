import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import * as z from 'zod'

/** The part of a function's environment that says how far to trust the way to the database. */
export const databaseTlsSchema = z.discriminatedUnion('DATABASE_TLS', [
  /** For a database on loopback. */
  z.object({ DATABASE_TLS: z.literal('off') }),
  /** The server must show a certificate for its host name, signed by the bundle (PEM). */
  z.object({ DATABASE_TLS: z.literal('verify'), DATABASE_CA_FILE: z.string().min(1) }),
])

export type DatabaseTls = z.infer<typeof databaseTlsSchema>

/** What `pg` takes as `ssl`. */
export function tlsOptions(tls: DatabaseTls): ConnectionOptions | false {
  if (tls.DATABASE_TLS === 'off') return false
  return { ca: readFileSync(tls.DATABASE_CA_FILE, 'utf8'), rejectUnauthorized: true }
}
