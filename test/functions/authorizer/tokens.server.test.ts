import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createTokens, type Tokens } from '../../../functions/authorizer/tokens.ts'
import { CLIENT, type OidcIssuer, startOidcIssuer } from '../../support/oidc-issuer.ts'

let issuer: OidcIssuer
let other: OidcIssuer
let now = Date.now()
let tokens: Tokens

const rulesOf = ({ url }: Pick<OidcIssuer, 'url'>) => ({
  issuer: url,
  audience: [CLIENT],
  groupsClaim: 'groups',
  usageKey: 'the-key-of-people',
  now: () => now,
})

beforeAll(async () => {
  ;[issuer, other] = await Promise.all([startOidcIssuer(), startOidcIssuer()])
  tokens = createTokens(rulesOf(issuer))
})

afterAll(async () => {
  await Promise.all([issuer.stop(), other.stop()])
})

/** Claims of a token that is taken, but for `changes`. */
const claims = (changes: Readonly<Record<string, unknown>> = {}) => ({
  iss: issuer.url,
  aud: CLIENT,
  sub: 'ann',
  groups: ['viewer'],
  ...changes,
})

describe('a token of the issuer', () => {
  it.each([
    ['ann', 'viewer'],
    ['omar', 'operator'],
  ])('that %s gets by signing in is of a %s', async (person, role) => {
    expect(await tokens.identify(await issuer.signIn(person))).toEqual({
      type: 'known',
      caller: { principal: person, name: `${person}@example.com`, role, usageKey: 'the-key-of-people' },
    })
  })

  it('may be an access token that names its client, as those of Cognito, and a single group', async () => {
    const token = await issuer.sign(claims({ aud: undefined, client_id: CLIENT, groups: 'operator' }))
    expect(await tokens.identify(token)).toMatchObject({ type: 'known', caller: { role: 'operator' } })
  })
})

describe('nobody is let in by', () => {
  const expectRefused = async (token: string | Promise<string>, reason: RegExp) =>
    expect(await tokens.identify(await token)).toEqual({
      type: 'refused',
      reason: expect.stringMatching(reason),
    })

  it('a token of another issuer', () => expectRefused(other.signIn('omar'), /not taken/))

  it('a token that says it is of this issuer, and was signed by another', () =>
    expectRefused(other.sign(claims()), /signature verification failed/))

  it('a token for another client', () => expectRefused(issuer.sign(claims({ aud: 'shop' })), /"shop"/))

  it('a token without a client', () =>
    expectRefused(issuer.sign(claims({ aud: undefined })), /not for this client/))

  it('an expired token', async () => {
    const expiresAt = Math.floor(now / 1000)
    const token = await issuer.sign(claims(), { expiresAt })
    expect(await tokens.identify(token)).toMatchObject({ type: 'known' })
    now += 6000
    await expectRefused(token, /"exp" claim/)
  })

  it('a token that does not end, or names nobody', async () => {
    await expectRefused(issuer.sign(claims(), { expiresAt: 'never' }), /"exp"/)
    await expectRefused(issuer.sign(claims({ sub: undefined })), /"sub"/)
  })

  it('a token of somebody in no group of ours', () =>
    expectRefused(issuer.signIn('eve'), /neither viewer nor operator/))

  it('a token without a signature, or with one by a shared secret', async () => {
    const none = [{ alg: 'none' }, { ...claims(), exp: Math.floor(now / 1000) + 60 }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    await expectRefused(`${none}.`, /alg/)
    const shared = new SignJWT(claims()).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('5m')
    await expectRefused(shared.sign(new TextEncoder().encode('x'.repeat(32))), /alg/)
  })

  it.each(['', 'x', 'a.b.c', 'eyJhbGciOiJFUzI1NiJ9.e30.'])('the text %j', (text) =>
    expectRefused(text, /not taken/),
  )
})

describe('the fault of the issuer', () => {
  it('is an error, not a refusal, and is over when the issuer is there', async () => {
    const late = await startOidcIssuer()
    const token = await late.signIn('ann')
    await late.stop()
    await expect(createTokens(rulesOf(late)).identify(token)).rejects.toThrow(/fetch failed/)
  })

  it('is an error when it is another than the config says', async () => {
    const slash = createTokens({ ...rulesOf(issuer), issuer: `${issuer.url}/` })
    await expect(slash.identify('x')).rejects.toThrow(
      `is ${issuer.url}, not the ${issuer.url}/ of the config`,
    )
  })
})
