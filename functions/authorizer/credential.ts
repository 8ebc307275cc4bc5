import { offeredProtocols, TICKET_PROTOCOL, valuesOf } from '../shared/access/live-protocol.ts'

/** What a request brings to show who calls. */
export type Credential =
  | { readonly type: 'key' | 'token' | 'ticket'; readonly value: string }
  | { readonly type: 'none' }
  /** Several: which of them counts would be a guess. */
  | { readonly type: 'several' }

type Headers = Readonly<Record<string, string | undefined>>

/**
 * Reads the API key, the token or the ticket of a request.
 *
 * @param tickets whether they count: only for `$connect`, where a page can set no other header
 */
export function readCredential(headers: Headers, { tickets }: { readonly tickets: boolean }): Credential {
  const found: Credential[] = [
    ...valuesOf(headers, 'x-api-key').map((value) => ({ type: 'key', value }) as const),
    ...valuesOf(headers, 'authorization').flatMap((value) => {
      const token = /^Bearer +(?<token>[\w.~+/-]+=*) *$/i.exec(value)?.groups?.['token']
      return token === undefined ? [] : [{ type: 'token', value: token } as const]
    }),
  ]
  if (tickets)
    for (const protocol of offeredProtocols(headers))
      if (protocol.startsWith(TICKET_PROTOCOL))
        found.push({ type: 'ticket', value: protocol.slice(TICKET_PROTOCOL.length) })
  const [only, ...others] = found
  if (only === undefined) return { type: 'none' }
  return others.length === 0 ? only : { type: 'several' }
}
