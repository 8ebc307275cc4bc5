import { Client } from 'pg'
import { afterEach, describe, expect, it } from 'vitest'

import { throughProxy } from '../../../../functions/shared/postgres/credentials.ts'
import { type DatabaseTls, tlsOptions } from '../../../../functions/shared/postgres/tls.ts'
import { AUTHORITY, startTlsServer, stopTlsServer } from '../../../support/tls-server.ts'

const VERIFY = { DATABASE_TLS: 'verify', DATABASE_CA_FILE: AUTHORITY } as const
const PROXY = { DATABASE_TLS: 'verify-public', DATABASE_PROXY_HOST: 'proxy.example.com' } as const

afterEach(stopTlsServer)

/** Why no session came of it; a trusted server hangs up on the first message. */
async function refusal(certificate: string, tls: DatabaseTls): Promise<unknown> {
  const port = await startTlsServer(certificate)
  const client = new Client({ host: 'localhost', port, user: 'u', password: 'p', ssl: tlsOptions(tls) })
  client.on('error', () => undefined)
  return await client.connect().then(
    () => 'connected',
    (error: unknown) => (error instanceof Error ? error.message : error),
  )
}

describe('the way to the database', () => {
  it('is trusted when the certificate is for the host and from the authority', async () => {
    expect(await refusal('ours', VERIFY)).toMatch(/connection terminated/i)
  })

  it('is refused when the certificate is for another host', async () => {
    expect(await refusal('elsewhere', VERIFY)).toMatch(/does not match certificate's altnames/)
  })

  it('is refused when another authority has signed it', async () => {
    expect(await refusal('forged', VERIFY)).toMatch(/unable to verify|self-signed|local issuer/)
  })

  it('through a proxy is refused unless a public authority has signed it', async () => {
    expect(await refusal('ours', PROXY)).toMatch(/unable to verify|self-signed|local issuer/)
  })
})

describe('the credentials', () => {
  const secret = { username: 'u', password: 'p', host: 'instance', port: 5432, dbname: 'd' }

  it('lead through the proxy where there is one', async () => {
    expect(await throughProxy(async () => secret, PROXY)()).toEqual({ ...secret, host: 'proxy.example.com' })
    expect(await throughProxy(async () => secret, VERIFY)()).toEqual(secret)
  })
})
