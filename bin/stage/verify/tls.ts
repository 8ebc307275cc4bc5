import { readFileSync } from 'node:fs'
import { checkServerIdentity, type ConnectionOptions } from 'node:tls'

import { UsageError } from '../../terminal/errors.ts'
import type { Address } from './address.ts'

const RDS_AUTHORITIES = 'https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem'

/** Where a session connects, and whose certificate it expects there. */
export type Way = Pick<Address, 'host' | 'sslmode' | 'sslrootcert'> & {
  readonly stage: string
  /** The database's own name, which counts as well as `host`: at the end of a tunnel they differ. */
  readonly certificateHost: string
}

/**
 * The `ssl` option of `pg`: a verified certificate wherever the connection leaves this machine or the stage is on AWS,
 * unless `sslmode` is given. `require` verifies too.
 *
 * @throws UsageError when there is no such mode, or no such file of authorities
 */
export function tlsOf({ stage, host, certificateHost, ...given }: Way): ConnectionOptions | false {
  const mode = given.sslmode ?? (stage === 'local' && isOnThisMachine(host) ? 'disable' : 'verify-full')
  const file = given.sslrootcert ?? process.env['PGSSLROOTCERT']
  const ca = file === undefined ? {} : { ca: authorities(file) }
  switch (mode) {
    case 'disable':
      return false
    case 'no-verify':
      return { rejectUnauthorized: false }
    case 'verify-ca':
      return { ...ca, rejectUnauthorized: true, checkServerIdentity: () => undefined }
    case 'require':
    case 'verify-full':
      return {
        ...ca,
        rejectUnauthorized: true,
        checkServerIdentity: (_name, certificate) =>
          checkServerIdentity(host, certificate) && checkServerIdentity(certificateHost, certificate),
      }
    default:
      throw new UsageError(
        `sslmode ${mode} in --database is not known; give disable, require, verify-ca, verify-full or no-verify`,
      )
  }
}

/** What to do about a connection that failed because of its certificate; '' when that was not the reason. */
export function tlsAdvice(reason: string): string {
  if (/self-signed|unable to (verify|get)/i.test(reason))
    return `: name the file of its authorities in PGSSLROOTCERT or as sslrootcert in --database (those of RDS: ${RDS_AUTHORITIES})`
  if (/does not match certificate/i.test(reason))
    return ': give --database the name in the certificate, or sslmode=verify-ca at the end of a tunnel'
  if (/does not support SSL/i.test(reason))
    return ': add ?sslmode=disable to --database if the network is trusted'
  if (/no encryption/i.test(reason)) return ': add ?sslmode=verify-full to --database'
  return ''
}

function authorities(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(
      `the file of authorities ${file} (sslrootcert, PGSSLROOTCERT) cannot be read: ${String(error)}`,
    )
  }
}

function isOnThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.') || host.startsWith('/')
}
