import type { HttpRequest } from '../../http/message.ts'
import type { InvocationOrigin } from '../lambda/function-pool.ts'
import type { InvocationResult } from '../lambda/invocation.ts'
import { type Authorization, readAuthorization } from './authorizer-result.ts'
import { within } from './within.ts'

/** A place in the request whose text identifies its caller. */
export type IdentitySource = { readonly in: 'header' | 'querystring'; readonly name: string }

/** The last text of an identity source; none or an empty one is missing. */
function textOf(
  { in: place, name }: IdentitySource,
  { headers, query }: Asked['request'],
): string | undefined {
  return place === 'querystring'
    ? (query.get(name) ?? undefined)
    : [headers[name.toLowerCase()]].flat().at(-1)
}

/** A Lambda authorizer of the type REQUEST. */
export type Authorizer = {
  readonly id: string
  readonly functionName: string
  readonly identitySources: readonly IdentitySource[]
  /** How long its answer counts for the same identity; 0 asks each time. */
  readonly ttlMs: number
}

/** What an authorizer makes of a request. */
export type AuthorizerVerdict =
  | { readonly type: 'allowed'; readonly authorization: Authorization }
  /** An identity source is missing, or the function threw "Unauthorized". */
  | { readonly type: 'unauthorized' }
  | { readonly type: 'denied' | 'explicitly-denied' }
  /** The function failed, or took too long. */
  | { readonly type: 'failed' }
  /** What the function returned is no policy. */
  | { readonly type: 'misconfigured' }

/** Asks authorizers, and keeps their answers as long as each says. */
export type Authorizers = {
  readonly authorize: (authorizer: Authorizer, asked: Asked) => Promise<AuthorizerVerdict>
}

type Asked = {
  /** The API and its stage: answers are kept for one of them. */
  readonly stage: string
  readonly methodArn: string
  /** Followed by an authorizer's id, its ARN. */
  readonly authorizersArn: string
  /** Where the identity sources are. */
  readonly request: Pick<HttpRequest, 'headers' | 'query'>
  /** The event of the function. */
  readonly event: () => unknown
}

export type AuthorizersOptions = {
  readonly invoke: (
    functionName: string,
    event: unknown,
    origin: InvocationOrigin,
  ) => Promise<InvocationResult>
  /** Unix milliseconds. */
  readonly now: () => number
}

/** How long API Gateway waits for an authorizer. */
const TIMEOUT_MS = 29_000
/** Answers that are kept at once; the oldest makes room. */
const KEPT = 10_000

export function createAuthorizers({ invoke, now }: AuthorizersOptions): Authorizers {
  const kept = new Map<string, { readonly authorization: Authorization; readonly until: number }>()
  const fresh = async (authorizer: Authorizer, asked: Asked) => {
    const sourceArn = `${asked.authorizersArn}${authorizer.id}`
    const origin = { caller: { service: 'apigateway.amazonaws.com', sourceArn } }
    const result = await within(TIMEOUT_MS, invoke(authorizer.functionName, asked.event(), origin))
    if (result === undefined) return { type: 'failed' } as const
    if (result.type === 'error')
      return result.error.errorMessage === 'Unauthorized'
        ? ({ type: 'unauthorized' } as const)
        : ({ type: 'failed' } as const)
    return readAuthorization(result.payload) ?? ({ type: 'misconfigured' } as const)
  }
  return {
    authorize: async (authorizer, asked) => {
      const texts = authorizer.identitySources.map((source) => textOf(source, asked.request))
      if (texts.some((text) => text === undefined || text === '')) return { type: 'unauthorized' }
      const key = JSON.stringify([authorizer.id, asked.stage, texts])
      const known = authorizer.ttlMs > 0 ? kept.get(key) : undefined
      const found =
        known !== undefined && known.until > now() ? known.authorization : await fresh(authorizer, asked)
      if ('type' in found) return found
      if (found !== known?.authorization && authorizer.ttlMs > 0) {
        kept.delete(key)
        kept.set(key, { authorization: found, until: now() + authorizer.ttlMs })
        for (const oldest of kept.keys()) {
          if (kept.size <= KEPT) break
          kept.delete(oldest)
        }
      }
      const verdict = found.allows(asked.methodArn)
      return verdict === 'allowed' ? { type: 'allowed', authorization: found } : { type: verdict }
    },
  }
}
