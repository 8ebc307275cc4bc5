import { offeredProtocols, TICKET_PROTOCOL, valuesOf } from '../shared/access/live-protocol.ts'
import { usageKeyOf } from '../shared/access/usage-keys.ts'

/** What a request brings to show who calls. */
export type Credential =
  | { readonly type: 'key' | 'token' | 'ticket'; readonly value: string }
  | { readonly type: 'none' }
  /** Several: which of them counts would be a guess. */
  | { readonly type: 'several' }

type Headers = Readonly<Record<string, string | undefined>>

/** Where a credential may be. */
export type Carrier = {
  readonly headers: Headers
  readonly query: Readonly<Record<string, string | undefined>>
  /** Whether tickets count: only for `$connect`, where a page can set no other header. */
  readonly tickets: boolean
}

type Found = Extract<Credential, { readonly value: string }>

/**
 * Reads the API key, the token or the ticket of a request. A key may be where the clients of Alpaca and Massive put theirs:
 * as the secret of a pair, as a bearer token, as the password of Basic, or as `apiKey` in the query.
 */
export function readCredential({ headers, query, tickets }: Carrier): Credential {
  const bearers = valuesOf(headers, 'authorization').flatMap(bearerOf)
  // A bearer token that has the form of a key is one: tokens of issuers have dots.
  const isKey = (bearer: string): boolean => usageKeyOf(bearer) !== undefined
  const keys = [
    ...valuesOf(headers, 'x-api-key'),
    ...valuesOf(headers, 'apca-api-secret-key'),
    ...valuesOf(headers, 'authorization').flatMap(passwordOf),
    ...bearers.filter(isKey),
    ...(query['apiKey'] ? [query['apiKey']] : []),
  ]
  const found: Found[] = [
    // Who sends one key in two ways has not sent two.
    ...[...new Set(keys)].map((value): Found => ({ type: 'key', value })),
    ...bearers.filter((bearer) => !isKey(bearer)).map((value): Found => ({ type: 'token', value })),
  ]
  if (tickets)
    for (const protocol of offeredProtocols(headers))
      if (protocol.startsWith(TICKET_PROTOCOL))
        found.push({ type: 'ticket', value: protocol.slice(TICKET_PROTOCOL.length) })
  const [only, ...others] = found
  if (only === undefined) return { type: 'none' }
  return others.length === 0 ? only : { type: 'several' }
}

function bearerOf(authorization: string): string[] {
  const token = /^Bearer +(?<token>[\w.~+/-]+=*) *$/i.exec(authorization)?.groups?.['token']
  return token === undefined ? [] : [token]
}

function passwordOf(authorization: string): string[] {
  const encoded = /^Basic +(?<pair>[A-Za-z0-9+/]+=*) *$/i.exec(authorization)?.groups?.['pair']
  if (encoded === undefined) return []
  const [, password] = /^[^:]*:(.+)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? []
  return password === undefined ? [] : [password]
}
