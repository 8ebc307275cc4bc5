import * as z from 'zod'

/** The authorizer's environment; set by `lib/authorizer.ts`. */
export const authorizerEnvironment = z.object({
  /** Name of the table `tickets`. */
  TICKETS_TABLE: z.string().min(1),
  /** The stored value of the API key by which people's requests are counted. */
  PEOPLE_KEY: z.string().min(20),
  /**
   * Who signs people in: an OpenID Connect issuer, without a slash at the end that it does not have itself; empty where nobody
   * does.
   */
  OIDC_ISSUER: z.union([z.url(), z.literal('')]),
  /** Client ids for which it issues the tokens that are taken, with spaces between them. */
  OIDC_AUDIENCE: z.string().transform((text) => text.split(' ')),
  /** The claim with the groups of a person. */
  OIDC_GROUPS_CLAIM: z.string().min(1),
})

export type AuthorizerEnvironment = z.input<typeof authorizerEnvironment>
