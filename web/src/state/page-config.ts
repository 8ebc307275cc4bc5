import * as z from 'zod/mini'

import { request } from '../api/request.ts'
import { CONFIG } from './page-origin.ts'

/** Of a page that signs people in at an OpenID Connect issuer. */
const oidcConfig = z.object({
  signIn: z.literal('oidc'),
  stage: z.string(),
  issuer: z.string(),
  clientId: z.string(),
  scope: z.string(),
  groupsClaim: z.string(),
  /** Where a sign-out goes, for an issuer that does not publish it. */
  signOutUrl: z.optional(z.string()),
  /** Path of the WebSocket API. */
  live: z.string(),
})
export type OidcConfig = z.output<typeof oidcConfig>

type PageConfig = OidcConfig | { readonly signIn: 'session'; readonly live: string }

let config: PageConfig = { signIn: 'session', live: '/live' }

/** What the page is told by where it is served. */
export function pageConfig(): PageConfig {
  return config
}

/** Reads how a page signs people in at an issuer. */
export async function readIssuerConfig(): Promise<OidcConfig> {
  const read = await request(CONFIG.path, { schema: oidcConfig })
  config = read
  return read
}
