import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'

import { Client } from 'pg'
import { afterEach, describe, expect, it } from 'vitest'

import { throughProxy } from '../../../../functions/shared/postgres/credentials.ts'
import { type DatabaseTls, tlsOptions } from '../../../../functions/shared/postgres/tls.ts'

const CERTIFICATES = join(import.meta.dirname, 'certificates')
const AUTHORITY = join(CERTIFICATES, 'authority.pem')
const VERIFY = { DATABASE_TLS: 'verify', DATABASE_CA_FILE: AUTHORITY } as const
const PROXY = { DATABASE_TLS: 'verify-public', DATABASE_PROXY_HOST: 'proxy.example.com' } as const

let server: Server | undefined
afterEach(() => server?.close())

/** A server that begins TLS as Postgres does, and hangs up when the client has trusted it. */
async function serve(certificate: string): Promise<number> {
  const pem = readFileSync(join(CERTIFICATES, `${certificate}.pem`))
  const listening = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => {
      socket.write('S')
      const secure = new TLSSocket(socket, { isServer: true, key: pem, cert: pem })
      secure.on('error', () => undefined)
      secure.once('data', () => secure.destroy())
    })
  })
  server = listening
  listening.listen(0, 'localhost')
  await once(listening, 'listening')
  return portOf(listening.address())
}

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}

/** Why no session came of it; a trusted server hangs up on the first message. */
async function refusal(certificate: string, tls: DatabaseTls): Promise<unknown> {
  const port = await serve(certificate)
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
