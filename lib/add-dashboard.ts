import type { RestApi } from 'aws-cdk-lib/aws-apigateway'
import type { Construct } from 'constructs'

import type { Config } from './config/config.ts'
import type { Issuer } from './issuer.ts'
import type { UserPool } from './user-pool.ts'
import { WebPage } from './web-page.ts'

export type DashboardParts = {
  readonly config: Config
  readonly issuer: Issuer
  /** What signs people in; undefined for an issuer of the config. */
  readonly userPool: UserPool | undefined
  readonly rest: RestApi
  readonly webSocketId: string | undefined
}

/** The page, made known to who signs people in. */
export function addDashboard(
  scope: Construct,
  { config, issuer, userPool, ...apis }: DashboardParts,
): WebPage {
  const { oidcIssuer = '', oidcClientId = '' } = config
  const issuerOrigins = userPool === undefined ? [new URL(oidcIssuer).origin] : userPool.origins
  const page = new WebPage(scope, 'Page', { config, issuerOrigins, ...apis })
  const clientId = userPool?.addClient(page.url).userPoolClientId ?? oidcClientId
  const signOutUrl = userPool && `${userPool.pages}/logout?client_id=${clientId}&logout_uri=${page.url}`
  page.publish(issuer, { clientId, signOutUrl })
  return page
}
