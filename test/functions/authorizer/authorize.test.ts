import { describe, expect, it } from 'vitest'

import { type AuthorizerDeps, createAuthorize } from '../../../functions/authorizer/authorize.ts'
import { newKey } from '../../../functions/shared/access/usage-keys.ts'

const REST = 'arn:aws:execute-api:eu-central-1:1:api/prod/GET/v1/bars/AAPL'
const CONNECT = 'arn:aws:execute-api:eu-central-1:1:api/prod/$connect'
const ANN = { principal: 'ann', role: 'viewer', usageKey: 'the-key-of-people' } as const

function world() {
  const reasons: string[] = []
  const asked: string[] = []
  const deps: AuthorizerDeps = {
    tokens: {
      identify: async (token) => {
        asked.push(`token ${token}`)
        return token === 'good' ? { type: 'known', caller: ANN } : { type: 'refused', reason: 'bad token' }
      },
    },
    tickets: {
      issue: async () => 'never',
      use: async (ticket) => {
        asked.push(`ticket ${ticket}`)
        return ticket === 'good' ? ANN : undefined
      },
    },
    refused: (reason) => reasons.push(reason),
  }
  const authorize = createAuthorize(deps)
  return {
    asked,
    reasons,
    ask: (
      headers: Record<string, string>,
      { methodArn = REST, query = {} }: { methodArn?: string; query?: Record<string, string> } = {},
    ) => authorize({ type: 'REQUEST', methodArn, headers, queryStringParameters: query }),
  }
}

const effectOf = (result: Awaited<ReturnType<ReturnType<typeof world>['ask']>>) =>
  result.policyDocument.Statement[0]?.Effect

describe('a request', () => {
  it.each(['x-api-key', 'X-Api-Key'])(
    'with a key in %s is counted by what API Gateway stores',
    async (name) => {
      const { sent, stored } = newKey('AUTHORIZER')
      const { ask } = world()
      const result = await ask({ [name]: sent })
      expect(result).toEqual({
        principalId: expect.stringMatching(/^key sha256-[0-9a-f]{8}$/),
        policyDocument: {
          Version: '2012-10-17',
          Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: REST }],
        },
        context: { role: 'program', usageKey: stored, name: expect.stringMatching(/^key sha256-/) },
        usageIdentifierKey: stored,
      })
      expect(JSON.stringify(result)).not.toContain(sent)
    },
  )

  it('with a key that CloudFormation made is counted by it, which the log does not show', async () => {
    const { ask } = world()
    const result = await ask({ 'x-api-key': 'aB3'.repeat(12) })
    expect(result).toMatchObject({ principalId: 'key of API Gateway', usageIdentifierKey: 'aB3'.repeat(12) })
  })

  it.each<[string, Record<string, string>]>([
    ["the secret of Alpaca's pair", { 'APCA-API-KEY-ID': 'any', 'APCA-API-SECRET-KEY': 'KEY' }],
    ['a bearer token', { Authorization: 'Bearer KEY' }],
    ['the password of Basic', { Authorization: `Basic ${btoa('any:KEY')}` }],
    ['two headers that say the same', { 'x-api-key': 'KEY', Authorization: 'Bearer KEY' }],
  ])('may send its key as %s', async (_what, headers) => {
    const { sent, stored } = newKey('AUTHORIZER')
    const { ask, asked } = world()
    const put = (text: string): string =>
      text.startsWith('Basic ')
        ? `Basic ${btoa(atob(text.slice(6)).replace('KEY', sent))}`
        : text.replace('KEY', sent)
    const given = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, put(text)]))
    expect(await ask(given)).toMatchObject({ usageIdentifierKey: stored, context: { role: 'program' } })
    expect(asked).toEqual([])
  })

  it('may send its key as apiKey in the query', async () => {
    const { sent, stored } = newKey('AUTHORIZER')
    expect(await world().ask({}, { query: { apiKey: sent } })).toMatchObject({ usageIdentifierKey: stored })
  })

  it('with a token is of who it names', async () => {
    const { ask, asked } = world()
    const result = await ask({ Authorization: 'Bearer good' })
    expect(result).toMatchObject({
      principalId: 'ann',
      context: { role: 'viewer' },
      usageIdentifierKey: 'the-key-of-people',
    })
    expect(asked).toEqual(['token good'])
  })

  it('to connect may bring a ticket among the protocols', async () => {
    const { ask, asked } = world()
    const protocols = { 'Sec-WebSocket-Protocol': 'tickstock.v1, ticket.good' }
    expect(await ask(protocols, { methodArn: CONNECT })).toMatchObject({ principalId: 'ann' })
    expect(effectOf(await ask(protocols))).toBe('Deny')
    expect(asked).toEqual(['ticket good'])
  })

  it.each<[string, Record<string, string>, RegExp]>([
    ['nothing', {}, /neither/],
    ['an empty key', { 'x-api-key': '' }, /neither/],
    ['a key and a token', { 'x-api-key': 'a'.repeat(40), authorization: 'Bearer good' }, /several/],
    ['a bad token', { authorization: 'Bearer bad' }, /bad token/],
    ['another scheme', { authorization: 'Digest good' }, /neither/],
    ['a pair without a password', { authorization: `Basic ${btoa('ann:')}` }, /neither/],
    ['the id of a pair alone', { 'apca-api-key-id': 'a'.repeat(40) }, /neither/],
    ['a secret that is no key', { 'apca-api-secret-key': 'secret' }, /is no key/],
    ['two keys', { 'x-api-key': 'a'.repeat(40), 'apca-api-secret-key': 'b'.repeat(40) }, /several/],
    ['a used ticket', { 'sec-websocket-protocol': 'ticket.used' }, /used/],
    ['two tickets', { 'sec-websocket-protocol': 'ticket.good,ticket.good' }, /several/],
    ['the stored form of a key', { 'x-api-key': newKey('AUTHORIZER').stored }, /is no key/],
    ['the name of the key of people', { 'x-api-key': 'tickstock-prod-people' }, /is no key/],
  ])('with %s is denied, and the log has why', async (_what, headers, reason) => {
    const { ask, reasons } = world()
    const result = await ask(headers, { methodArn: CONNECT })
    expect([effectOf(result), result.principalId, result.usageIdentifierKey]).toEqual([
      'Deny',
      'nobody',
      undefined,
    ])
    expect(reasons).toEqual([expect.stringMatching(reason)])
  })
})
