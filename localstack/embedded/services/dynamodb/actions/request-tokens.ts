import { DynamodbError } from '../errors.ts'

/** As long as AWS remembers a token. */
const KEPT_MS = 10 * 60_000

/** The tokens by which a client says that it sends a transaction again; those of before a restart are forgotten. */
export type RequestTokens = {
  /**
   * Whether this request came before with this token.
   * @throws DynamodbError when another one did
   */
  readonly isRepeated: (token: string, request: string) => boolean
  /** Remembers a request that succeeded. */
  readonly add: (token: string, request: string) => void
}

export function createRequestTokens(now: () => number = Date.now): RequestTokens {
  const seen = new Map<string, { readonly request: string; readonly at: number }>()
  return {
    isRepeated: (token, request) => {
      // The oldest come first.
      for (const [each, { at }] of seen) {
        if (at > now() - KEPT_MS) break
        seen.delete(each)
      }
      const before = seen.get(token)
      if (before === undefined) return false
      if (before.request === request) return true
      throw new DynamodbError(
        'IdempotentParameterMismatchException',
        'The request has the token of an earlier one, with other parameters',
      )
    },
    add: (token, request) => {
      seen.set(token, { request, at: now() })
    },
  }
}
