import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import * as z from 'zod'

import type { Identified } from './caller.ts'
import { ROLES } from './caller.ts'

export type TokenRules = {
  readonly issuer: string
  /** Client ids. */
  readonly audience: readonly string[]
  readonly groupsClaim: string
  readonly usageKey: string
  /** Unix milliseconds. */
  readonly now: () => number
}

/** Reads access tokens and ID tokens of one issuer. */
export type Tokens = {
  /** @throws when the issuer does not answer, or answers what is no issuer's */
  readonly identify: (token: string) => Promise<Identified>
}

/** Signatures by a key of which only the issuer has the secret half; never `none`, never a shared secret. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
/** Between the clocks of the issuer and of Lambda. */
const CLOCK_TOLERANCE_SECONDS = 5
const ISSUER_TIMEOUT_MS = 3000

const metadataSchema = z.object({ issuer: z.string(), jwks_uri: z.url() })
const groupsSchema = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat())

/** Where nobody signs in. */
export const NO_TOKENS: Tokens = {
  identify: async () => ({ type: 'refused', reason: 'a token was sent, and nobody signs in here' }),
}

/** Tokens are verified by the keys that the issuer publishes; they are fetched once, and again when it signs with a new one. */
export function createTokens(rules: TokenRules): Tokens {
  let keys: Promise<JWTVerifyGetKey> | undefined
  const issuerKeys = async (): Promise<JWTVerifyGetKey> => {
    keys ??= fetchKeys(rules.issuer)
    try {
      return await keys
    } catch (error) {
      keys = undefined
      throw error
    }
  }
  return {
    identify: async (token) => {
      try {
        const { payload } = await jwtVerify(token, await issuerKeys(), {
          issuer: rules.issuer,
          algorithms: ALGORITHMS,
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
          currentDate: new Date(rules.now()),
          requiredClaims: ['sub', 'exp'],
        })
        return callerOf(payload, rules)
      } catch (error) {
        if (!(error instanceof errors.JOSEError) || isOfIssuer(error)) throw error
        return { type: 'refused', reason: `the token is not taken: ${error.message}` }
      }
    },
  }
}

/** What is the issuer's fault, not the token's, must be seen as a failure. */
function isOfIssuer({ code }: errors.JOSEError): boolean {
  return ['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'].includes(code)
}

async function fetchKeys(issuer: string): Promise<JWTVerifyGetKey> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const answer = await fetch(url, { signal: AbortSignal.timeout(ISSUER_TIMEOUT_MS), redirect: 'error' })
  if (!answer.ok) throw new Error(`the issuer answers ${answer.status} at ${url}`)
  const metadata = metadataSchema.parse(await answer.json())
  if (metadata.issuer !== issuer)
    throw new Error(
      `the issuer at ${url} is ${metadata.issuer}, not the ${issuer} of the config (oidcIssuer)`,
    )
  return createRemoteJWKSet(new URL(metadata.jwks_uri), { timeoutDuration: ISSUER_TIMEOUT_MS })
}

function callerOf(payload: JWTPayload, { audience, groupsClaim, usageKey }: TokenRules): Identified {
  // An access token of Cognito has no audience, but the client that it was issued to.
  const given = [payload.aud ?? payload['client_id']].flat()
  if (!given.some((each) => typeof each === 'string' && audience.includes(each)))
    return { type: 'refused', reason: `the token is for ${JSON.stringify(given)}, not for this client` }
  const groups = groupsSchema.safeParse(payload[groupsClaim] ?? [])
  const role = ROLES.toReversed().find((each) => groups.data?.includes(each))
  if (role === undefined)
    return { type: 'refused', reason: `${groupsClaim} of ${payload.sub} has neither viewer nor operator` }
  const name = nameOf(payload)
  const caller = { principal: payload.sub ?? '', role, usageKey, ...(name !== undefined && { name }) }
  return { type: 'known', caller }
}

/** Claims that name a person, the clearest first. */
const NAMES = ['email', 'preferred_username', 'cognito:username', 'name'] as const
const nameSchema = z.string().min(1).max(200)

function nameOf(payload: JWTPayload): string | undefined {
  for (const claim of NAMES) {
    const name = nameSchema.safeParse(payload[claim])
    if (name.success) return name.data
  }
  return undefined
}
