import { rmSync } from 'node:fs'

import { APIGatewayClient, GetApiKeysCommand } from '@aws-sdk/client-api-gateway'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { CLIENT, type OidcIssuer, startOidcIssuer } from '../support/oidc-issuer.ts'
import { preparedData } from './support/data-folder.ts'
import { runCommand } from './support/run-command.ts'

const ticketSchema = z.object({ protocols: z.tuple([z.string(), z.string()]), expires_in: z.number() })

let data: string
let issuer: OidcIssuer
let other: OidcIssuer
let deployment: Deployment

beforeAll(async () => {
  ;[issuer, other] = await Promise.all([startOidcIssuer(), startOidcIssuer()])
  data = await preparedData()
  deployment = await startDeployment({
    data,
    durability: 'none',
    // The same assembly at each run; where the issuer is, the function is told.
    settings: { access: 'people', oidcIssuer: 'http://127.0.0.1:9', oidcClientId: CLIENT },
    environment: { OIDC_ISSUER: issuer.url },
  })
})

afterAll(async () => {
  await deployment.stop()
  await Promise.all([issuer.stop(), other.stop()])
  rmSync(data, { recursive: true, force: true })
})

const ask = async (headers: Record<string, string>, path = '/v1/symbols', method = 'GET') => {
  const answer = await fetch(`${deployment.api.url}${path}`, { method, headers })
  return { status: answer.status, body: await answer.text() }
}
const statusOf = async (headers: Record<string, string>) => (await ask(headers)).status
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** The subprotocol of a WebSocket that was let in, or the status with which it was refused. */
function connect(options: { readonly key?: string; readonly protocols?: readonly string[] }) {
  const { promise, resolve } = Promise.withResolvers<string>()
  const socket = new WebSocket(deployment.webSocketUrl ?? '', {
    protocols: [...(options.protocols ?? [])],
    ...(options.key !== undefined && { headers: { 'x-api-key': options.key } }),
  })
  socket.addEventListener('open', () => {
    resolve(`let in with ${JSON.stringify(socket.protocol)}`)
    socket.close()
  })
  socket.addEventListener('error', () => resolve('refused'))
  return promise
}

async function ticketFor(headers: Record<string, string>) {
  const { status, body } = await ask(headers, '/v1/live-tickets', 'POST')
  expect(status).toBe(201)
  return ticketSchema.parse(JSON.parse(body))
}

async function keys(...given: readonly string[]) {
  const { endpoint } = deployment.runtime
  const { code, stdout, stderr } = await runCommand(['keys', ...given, '--endpoint', endpoint], {})
  return { code, stdout: stdout.trim(), stderr }
}

/** What API Gateway stores. */
async function storedKeys(): Promise<readonly string[]> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const { endpoint } = deployment.runtime
  const client = new APIGatewayClient({ endpoint, region: 'us-east-1', credentials })
  const { items = [] } = await client.send(new GetApiKeysCommand({ includeValues: true }))
  return items.flatMap(({ value }) => value ?? [])
}

describe('a program', () => {
  it('uses the first key of the deployment over REST and WebSocket', async () => {
    expect(await statusOf({ 'x-api-key': deployment.api.key })).toBe(200)
    expect(await connect({ key: deployment.api.key })).toBe('let in with ""')
  })

  it('gets a key of its own, which is stored as a hash, and loses it', async () => {
    const { code, stdout: key, stderr } = await keys('create', 'research')
    expect([code, stderr]).toEqual([0, expect.stringContaining('it cannot be shown again')])
    expect(key).toMatch(/^tsk_[A-Za-z0-9]{40}$/)
    expect(await statusOf({ 'x-api-key': key })).toBe(200)
    expect(await connect({ key })).toBe('let in with ""')
    const stored = await storedKeys()
    expect(stored).not.toContain(key)
    for (const value of stored.filter((each) => each !== deployment.api.key))
      expect(await statusOf({ 'x-api-key': value })).toBe(401)
    expect(await keys('revoke', 'research')).toMatchObject({ code: 0 })
    expect(await statusOf({ 'x-api-key': key })).toBe(401)
    expect(await connect({ key })).toBe('refused')
  })

  it('has two keys from a rotation until the first is revoked', async () => {
    const { stdout: first } = await keys('create', 'desk')
    const { stdout: second } = await keys('rotate', 'desk')
    expect([await statusOf({ 'x-api-key': first }), await statusOf({ 'x-api-key': second })]).toEqual([
      200, 200,
    ])
    const { stdout: list } = await keys('list')
    expect(list).toMatch(/desk .* valid, before the last rotation\ndesk .* valid\nfirst .* valid$/)
    await keys('revoke', 'desk', '--previous')
    expect([await statusOf({ 'x-api-key': first }), await statusOf({ 'x-api-key': second })]).toEqual([
      401, 200,
    ])
    const { stdout: third } = await keys('rotate', 'desk', '--at-once')
    expect([await statusOf({ 'x-api-key': second }), await statusOf({ 'x-api-key': third })]).toEqual([
      401, 200,
    ])
  })

  it.each([
    [['create', 'first'], /first is the key that the deployment makes/],
    [['create', 'a b'], /cannot be named "a b"/],
    [['revoke', 'nothing'], /there is no key "nothing"; there are: .*first/],
    [['rotate', 'nothing'], /there is no key "nothing"/],
  ])('is told what %j lacks', async (given, message) => {
    expect(await keys(...given)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(message),
    })
  })

  it('cannot have two keys by create', async () => {
    await keys('create', 'twice')
    expect(await keys('create', 'twice')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('keys rotate twice'),
    })
  })
})

describe('somebody who signs in', () => {
  it.each(['ann', 'omar'])('as %s may read', async (person) => {
    expect(await statusOf(bearer(await issuer.signIn(person)))).toBe(200)
  })

  it('connects with a ticket, once', async () => {
    const { protocols, expires_in: seconds } = await ticketFor(bearer(await issuer.signIn('ann')))
    expect(seconds).toBe(30)
    expect(await connect({ protocols })).toBe('let in with "tickstock.v1"')
    expect(await connect({ protocols })).toBe('refused')
  })

  it('connects with no ticket that was not issued, nor with that of REST calls', async () => {
    const [protocol] = (await ticketFor({ 'x-api-key': deployment.api.key })).protocols
    expect(await connect({ protocols: [protocol, `ticket.${'A'.repeat(43)}`] })).toBe('refused')
    expect(await connect({ protocols: [protocol] })).toBe('refused')
    expect(await connect({})).toBe('refused')
  })
})

describe('nobody is let in', () => {
  it.each<[string, () => Promise<Record<string, string>>]>([
    ['without anything', async () => ({})],
    ['with a token of another issuer', async () => bearer(await other.signIn('omar'))],
    [
      'with a forged token',
      async () => bearer(await other.sign({ iss: issuer.url, aud: CLIENT, sub: 'x', groups: ['operator'] })),
    ],
    [
      'with a token for another client',
      async () => bearer(await issuer.sign({ iss: issuer.url, aud: 'shop', sub: 'ann', groups: ['viewer'] })),
    ],
    [
      'with an expired token',
      async () =>
        bearer(
          await issuer.sign(
            { iss: issuer.url, aud: CLIENT, sub: 'ann', groups: ['viewer'] },
            { expiresAt: 1 },
          ),
        ),
    ],
    ['who is in no group', async () => bearer(await issuer.signIn('eve'))],
    [
      'with two credentials',
      async () => ({ ...bearer(await issuer.signIn('ann')), 'x-api-key': deployment.api.key }),
    ],
    [
      'with a ticket',
      async () => ({
        'sec-websocket-protocol': (await ticketFor(bearer(await issuer.signIn('ann')))).protocols[1],
      }),
    ],
  ])('%s', async (_what, headersOf) => {
    const { status, body } = await ask(await headersOf())
    expect([status, JSON.parse(body)]).toEqual([
      401,
      expect.objectContaining({ type: 'urn:tickstock:not-signed-in', status: 401 }),
    ])
  })

  it('nor gets a ticket', async () => {
    expect((await ask({}, '/v1/live-tickets', 'POST')).status).toBe(401)
  })
})
