import { badValue, ConfigError } from './config-error.ts'
import type { Parsed } from './schema.ts'

/** An issuer, or a domain of the dashboard, of which only a part is set, or that nobody needs. */
export function refuseAccess(config: Parsed): void {
  const { stage, access, oidcIssuer, oidcClientId, dashboardDomain, dashboardCertificateArn } = config
  const pairs = [
    { oidcIssuer, oidcClientId },
    { dashboardDomain, dashboardCertificateArn },
  ]
  for (const pair of pairs) {
    const missing = Object.entries(pair).filter(([, value]) => value === undefined)
    const names = Object.keys(pair).join(' and ')
    for (const [key] of missing.length === 1 ? missing : [])
      throw new ConfigError(
        `bad configuration: ${key} is not set: ${names} go together; set both, or neither.`,
      )
  }
  if (access === 'people' && stage === 'local' && oidcIssuer === undefined)
    throw new ConfigError(
      'bad configuration: oidcIssuer is not set: in stage local there is no user pool, so access people wants oidcIssuer ' +
        'and oidcClientId, an issuer of OpenID Connect and the client id that TickStock has there.',
    )
  refuseWithoutPeople(config)
}

function refuseWithoutPeople(config: Parsed): void {
  const { access, oidcIssuer, dashboardDomain, dashboardWebAclArn } = config
  if (access === 'people') return
  for (const [key, value] of Object.entries({ oidcIssuer, dashboardDomain, dashboardWebAclArn }))
    if (value !== undefined)
      throw badValue(
        key,
        value,
        `with access ${access} nobody signs in, so it has no effect; set access to people, or leave it out`,
      )
}
