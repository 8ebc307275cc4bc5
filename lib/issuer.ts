import type { Config } from './config/config.ts'

/** Who signs people in. */
export type Issuer = {
  readonly issuer: string
  /** Client ids for which it issues tokens. */
  readonly audience: readonly string[]
  readonly groupsClaim: string
}

/** The issuer of the config; `readConfig` has seen that it is whole. None where nobody signs in. */
export function issuerOf(config: Config): Issuer | undefined {
  if (config.access !== 'people') return undefined
  const { oidcIssuer = '', oidcClientId = '', oidcGroupsClaim } = config
  return { issuer: oidcIssuer, audience: [oidcClientId], groupsClaim: oidcGroupsClaim }
}
