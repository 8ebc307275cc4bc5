import { createHash, createHmac } from 'node:crypto'

import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import fc from 'fast-check'
import { expect, it } from 'vitest'

import { databaseToken } from '../../../../functions/shared/postgres/token.ts'

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

type Signer = { readonly id: string; readonly secret: string; readonly session: string }

/** The token as AWS describes signed requests, computed without the SDK. */
function described(
  { id, secret, session }: Signer,
  { host, username, at }: { readonly host: string; readonly username: string; readonly at: Date },
): string {
  const time = at.toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const scope = `${time.slice(0, 8)}/eu-central-1/rds-db/aws4_request`
  const query = [
    ['Action', 'connect'],
    ['DBUser', username],
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', `${id}/${scope}`],
    ['X-Amz-Date', time],
    ['X-Amz-Expires', '900'],
    ['X-Amz-Security-Token', session],
    ['X-Amz-SignedHeaders', 'host'],
  ].map(([name, value = '']) => `${name}=${encodeURIComponent(value)}`)
  const request = ['GET', '/', query.join('&'), `host:${host}:5432`, '', 'host', sha256('')].join('\n')
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n')
  const key = scope.split('/').reduce<string | Buffer>((before, part) => hmac(before, part), `AWS4${secret}`)
  return `${host}:5432/?${query.join('&')}&X-Amz-Signature=${hmac(key, text).toString('hex')}`
}

/** By name, and the scheme that it does not have. */
function read(token: string) {
  const url = new URL(`https://${token}`)
  return { host: url.host, path: url.pathname, query: Object.fromEntries(url.searchParams) }
}

const hex = (length: number) => fc.stringMatching(new RegExp(`^[A-Za-z0-9+/]{${length}}$`))

it('is the signed request that AWS describes, for a quarter of an hour, as whoever connects', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ id: fc.constant('AKIDEXAMPLE'), secret: hex(40), session: hex(200) }),
      fc.constantFrom('app_readonly', 'app_readwrite'),
      fc.date({ min: new Date('2020-01-01'), max: new Date('2099-01-01'), noInvalidDate: true }),
      async (signer, username, at) => {
        const { config } = new SecretsManagerClient({
          region: 'eu-central-1',
          credentials: {
            accessKeyId: signer.id,
            secretAccessKey: signer.secret,
            sessionToken: signer.session,
          },
        })
        const host = 'tickstock-prod.abc.eu-central-1.rds.amazonaws.com'
        const token = await databaseToken(config, { host, port: 5432, username }, at)
        expect(read(token)).toEqual(read(described(signer, { host, username, at })))
        expect(token.startsWith(`${host}:5432/?`)).toBe(true)
      },
    ),
    { numRuns: 50 },
  )
})
