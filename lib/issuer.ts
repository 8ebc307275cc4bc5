import type { Config } from './config/config.ts'

/** Who signs people in. */
export type Issuer = {
  readonly issuer: string
  /** Client ids for which it issues tokens. */
  readonly audience: readonly string[]
  readonly groupsClaim: string
}

/** The issuer of the config; `readConfig` has seen that it is whole. */
export function issuerOf({ oidcIssuer = '', oidcClientId = '', oidcGroupsClaim }: Config): Issuer {
  return { issuer: oidcIssuer, audience: [oidcClientId], groupsClaim: oidcGroupsClaim }
}
