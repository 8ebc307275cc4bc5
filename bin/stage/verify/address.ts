import { UsageError } from '../../terminal/errors.ts'

/** The members of a connection string; user, password and database may be left to the secret. */
export type Address = {
  readonly host: string
  readonly port: number
  readonly database: string | undefined
  readonly user: string | undefined
  readonly password: string | undefined
  readonly sslmode: string | undefined
  /** File of the authorities (PEM) that may have signed the server's certificate. */
  readonly sslrootcert: string | undefined
}

const EXAMPLE = 'postgresql://app_readonly:PASSWORD@HOST:5432/tickstock?sslmode=verify-full'

/**
 * Reads a connection string.
 *
 * @throws UsageError when it is not one; the message repeats nothing of it, since it may hold a password
 */
export function parseAddress(text: string): Address {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const host = url?.searchParams.get('host') ?? url?.hostname.replace(/^\[|\]$/g, '') ?? ''
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol) || host === '')
    throw new UsageError(`--database is not a connection string such as ${EXAMPLE}`)
  return {
    host,
    port: Number(url.port || 5432),
    database: decodeURIComponent(url.pathname.slice(1)) || undefined,
    user: decodeURIComponent(url.username) || undefined,
    password: decodeURIComponent(url.password) || undefined,
    sslmode: url.searchParams.get('sslmode') ?? undefined,
    sslrootcert: url.searchParams.get('sslrootcert') ?? undefined,
  }
}
