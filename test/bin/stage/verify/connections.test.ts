import { beforeEach, afterEach, describe, expect, it, vi } from 'vitest'

import { parseAddress } from '../../../../bin/stage/verify/address.ts'
import { findConnections } from '../../../../bin/stage/verify/connections.ts'
import { tlsOf } from '../../../../bin/stage/verify/tls.ts'
import { AUTHORITY, startTlsServer, stopTlsServer } from '../../../support/tls-server.ts'

beforeEach(() => {
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1')
  vi.stubEnv('PGSSLROOTCERT', undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
  stopTlsServer()
})

/** Why no session came of it; a server that was trusted hangs up. */
async function refusal(certificate: string, stage: string, parameters: string): Promise<string> {
  const port = await startTlsServer(certificate)
  const database = `postgresql://app_readonly:hidden@localhost:${port}/tickstock${parameters}`
  const { read } = await findConnections({
    deployed: { stage, environment: process.env, at: 'http://127.0.0.1:1', running: undefined },
    database,
  })
  return await read().then(
    () => 'connected',
    (error: unknown) => String(error),
  )
}

describe('the way of verify to a database on AWS', () => {
  it('is trusted when an authority that was named has signed its certificate for that host', async () => {
    expect(await refusal('ours', 'dev', `?sslrootcert=${AUTHORITY}`)).toMatch(/connection terminated/i)
    vi.stubEnv('PGSSLROOTCERT', AUTHORITY)
    expect(await refusal('ours', 'prod', '')).toMatch(/connection terminated/i)
  })

  it('is refused without that authority, saying where the one of RDS is', async () => {
    const reason = await refusal('ours', 'dev', '')
    expect(reason).toMatch(/unable to (verify|get)|self-signed/)
    expect(reason).toContain('PGSSLROOTCERT')
    expect(reason).toContain('https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem')
    expect(reason).not.toContain('hidden')
  })

  it('is refused for another host, unless the end of a tunnel is meant', async () => {
    const named = `?sslrootcert=${AUTHORITY}`
    expect(await refusal('elsewhere', 'dev', named)).toMatch(/does not match certificate.+sslmode=verify-ca/)
    expect(await refusal('elsewhere', 'dev', `${named}&sslmode=verify-ca`)).toMatch(/connection terminated/i)
  })
})

describe('sslmode', () => {
  const way = { host: '127.0.0.1', certificateHost: '127.0.0.1', sslrootcert: undefined }

  it('is off by itself for stage local on this machine alone', () => {
    expect(tlsOf({ ...way, stage: 'local', sslmode: undefined })).toBe(false)
    expect(tlsOf({ ...way, stage: 'local', host: 'db.example.com', sslmode: undefined })).toMatchObject({
      rejectUnauthorized: true,
    })
    expect(tlsOf({ ...way, stage: 'dev', sslmode: undefined })).toMatchObject({ rejectUnauthorized: true })
  })

  it('verifies when it requires TLS, and is refused by name when it is none', () => {
    expect(tlsOf({ ...way, stage: 'local', sslmode: 'require' })).toMatchObject({ rejectUnauthorized: true })
    expect(tlsOf({ ...way, stage: 'dev', sslmode: 'disable' })).toBe(false)
    expect(() => tlsOf({ ...way, stage: 'dev', sslmode: 'on' })).toThrow(
      'sslmode on in --database is not known; give disable, require',
    )
  })
})

describe('a connection string', () => {
  it('may leave the user and the password to the secret', () => {
    expect(parseAddress('postgresql://db.example.com:6543/ticks?sslmode=require')).toEqual({
      host: 'db.example.com',
      port: 6543,
      database: 'ticks',
      user: undefined,
      password: undefined,
      sslmode: 'require',
      sslrootcert: undefined,
    })
  })

  it('is read with every sign that a password may have', () => {
    expect(parseAddress('postgres://a:p%40%2F@[::1]/ticks')).toMatchObject({ host: '::1', password: 'p@/' })
  })

  it('is not repeated when it is none', () => {
    expect(() => parseAddress('host=db password=hidden')).toThrow(/^(?!.*hidden).*not a connection string/)
  })
})
