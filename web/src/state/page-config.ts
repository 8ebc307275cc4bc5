import * as z from 'zod/mini'

import { request } from '../api/request.ts'

const sessionConfig = z.object({ signIn: z.literal('session'), live: z.string() })

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

const configSchema = z.discriminatedUnion('signIn', [sessionConfig, oidcConfig])
type PageConfig = z.output<typeof configSchema>

let config: PageConfig = { signIn: 'session', live: '/live' }

/** What the page is told by where it is served: a file beside it. */
export function pageConfig(): PageConfig {
  return config
}

/** Reads it; the page of `npm start` has one too. */
export async function readPageConfig(): Promise<void> {
  config = await request('/config.json', { schema: configSchema })
}
