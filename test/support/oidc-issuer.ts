import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'

import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { Provider } from 'oidc-provider'
import * as z from 'zod'

/** The client id of the dashboard at the issuer. */
export const CLIENT = 'tickstock-dashboard'
/** Who has an account there, and in which groups. */
const PEOPLE: Readonly<Record<string, readonly string[]>> = {
  ann: ['viewer'],
  omar: ['staff', 'operator'],
  eve: ['guest'],
}

/** An OpenID Connect issuer that runs in this process. */
export type OidcIssuer = {
  readonly url: string
  /** The ID token that somebody gets who signs in: authorization code with PKCE. */
  readonly signIn: (person: string) => Promise<string>
  /** A token with these claims, signed with the issuer's key. */
  readonly sign: (claims: JWTPayload, options?: { readonly expiresAt?: number | 'never' }) => Promise<string>
  readonly stop: () => Promise<void>
}

const tokensSchema = z.object({ id_token: z.string() })

/** Starts one on any free port of loopback; `redirects` are the addresses to which it sends people back. */
export async function startOidcIssuer(
  redirects: readonly string[] = ['http://127.0.0.1:9/signed-in'],
): Promise<OidcIssuer> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${portOf(server)}`
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const key = { ...(await exportJWK(privateKey)), kid: 'the-key', alg: 'ES256', use: 'sig' }
  const provider = providerOf(url, key, redirects)
  const handle = provider.callback()
  server.on('request', (incoming, outgoing) => void handle(incoming, outgoing))
  return {
    url,
    signIn: (person) => signIn(url, { person, redirect: redirects[0] ?? '' }),
    sign: async (claims, { expiresAt } = {}) => {
      const token = new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'the-key' })
      if (expiresAt !== 'never') token.setExpirationTime(expiresAt ?? '5m')
      return await token.sign(privateKey)
    },
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the issuer does not listen')
  return address.port
}

function providerOf(url: string, key: object, redirects: readonly string[]): Provider {
  const provider = new Provider(url, {
    jwks: { keys: [key] },
    clients: [
      {
        client_id: CLIENT,
        token_endpoint_auth_method: 'none',
        redirect_uris: [...redirects],
        post_logout_redirect_uris: [...redirects],
        id_token_signed_response_alg: 'ES256',
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub'], email: ['email'], groups: ['groups'] },
    conformIdTokenClaims: false,
    scopes: ['openid', 'email', 'groups'],
    cookies: { keys: [randomBytes(16).toString('hex')] },
    ttl: {
      AccessToken: 300,
      AuthorizationCode: 60,
      Grant: 3600,
      IdToken: 300,
      Interaction: 600,
      Session: 3600,
    },
    clientBasedCORS: () => true,
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@example.com`, groups: [...(PEOPLE[id] ?? [])] }),
    }),
    // Nobody is asked for a consent: it is the own page of whoever runs the issuer.
    loadExistingGrant: async ({ oidc }) => {
      const { client, session } = oidc
      if (client === undefined || session?.accountId === undefined) return undefined
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      grant.addOIDCScope('openid email groups')
      await grant.save()
      return grant
    },
  })
  return provider
}

/** Goes through the issuer's pages as a browser does. */
async function signIn(
  issuer: string,
  { person, redirect }: { readonly person: string; readonly redirect: string },
): Promise<string> {
  const verifier = randomBytes(32).toString('base64url')
  const browse = browser()
  const query = new URLSearchParams({
    client_id: CLIENT,
    response_type: 'code',
    scope: 'openid email groups',
    redirect_uri: redirect,
    state: 'state',
    code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  })
  let next = await browse(`${issuer}/auth?${query.toString()}`)
  const form = new URLSearchParams({ prompt: 'login', login: person, password: 'any' })
  next = await browse(new URL(next, issuer).href, form)
  while (!next.startsWith(redirect)) next = await browse(new URL(next, issuer).href)
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: CLIENT,
      code: new URL(next).searchParams.get('code') ?? '',
      redirect_uri: redirect,
      code_verifier: verifier,
    }),
  })
  return tokensSchema.parse(await answer.json()).id_token
}

/** Keeps cookies; gives where an answer leads to. */
function browser() {
  const cookies = new Map<string, string>()
  return async (url: string, form?: URLSearchParams): Promise<string> => {
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
      ...(form && { method: 'POST', body: form }),
    })
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      cookies.set(name, value)
    }
    const next = answer.headers.get('location')
    if (next === null) throw new Error(`${url} answers ${answer.status}: ${await answer.text()}`)
    return next
  }
}
