import { SignatureV4, type SignatureV4CryptoInit, type SignatureV4Init } from '@smithy/signature-v4'

import type { Credentials } from './credentials.ts'

/** What RDS takes; it matters when a connection is made only. */
const LIFE_SECONDS = 900

/** The part of the config of a client of AWS that signs. */
type Signing = Pick<SignatureV4Init & SignatureV4CryptoInit, 'credentials' | 'region' | 'sha256'>

/**
 * A token with which RDS lets a role of Postgres in, in place of a password: a signed request that is never sent, without its
 * scheme. Nothing is asked for it.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.Connecting.html
 */
export async function databaseToken(
  { credentials, region, sha256 }: Signing,
  { host, port, username }: Pick<Credentials, 'host' | 'port' | 'username'>,
  signingDate: Date = new Date(),
): Promise<string> {
  const signer = new SignatureV4({ credentials, region, sha256, service: 'rds-db' })
  const { query = {} } = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname: host,
      port,
      path: '/',
      headers: { host: `${host}:${port}` },
      query: { Action: 'connect', DBUser: username },
    },
    { expiresIn: LIFE_SECONDS, signingDate },
  )
  const text = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
  return `${host}:${port}/?${text.join('&')}`
}
