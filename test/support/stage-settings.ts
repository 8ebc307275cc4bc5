/** What a stage with the dashboard at a domain of its own and another issuer than Cognito sets. */
export const OTHER_ISSUER = {
  access: 'people',
  oidcIssuer: 'https://login.example.com',
  oidcClientId: 'desk',
  dashboardDomain: 'desk.example.com',
  dashboardCertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1234',
  dashboardWebAclArn: 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/desk/1234',
} as const

/** What a stage with a feed of venues sets, one of them with keys. */
export const VENUES_ON = {
  venues: 'kraken=BTC/USD,ETH/USD alpaca-iex=AAPL',
  venueKeysSecretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:tickstock/venues-AbCdEf',
} as const

/** What a stage with alerts sets, and with a topic for them. */
export const LOCAL_ALERTS_ON = { alerts: 'on', alertTopic: 'on' } as const

/** The same on AWS, with e-mails. */
export const ALERTS_ON = {
  ...LOCAL_ALERTS_ON,
  alertEmails: 'desk@example.com,ann@example.com',
} as const

/** What a stage in an existing network sets. */
export const OWN_NETWORK = {
  vpcId: 'vpc-0123456789abcdef0',
  subnets: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
} as const

/** What a stage with an existing database sets. */
export const OWN_DATABASE = {
  ...OWN_NETWORK,
  databaseSecretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:postgres/owner-AbCdEf',
  databaseHost: 'postgres.example.com',
} as const

export const OWN_KEY =
  'arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab' as const

/** What a stage with `regulated` has to set besides. */
export const REGULATED = {
  regulated: 'on',
  apiDomain: 'bars.example.com',
  webSocketDomain: 'live.example.com',
  apiCertificateArn: 'arn:aws:acm:eu-central-1:123456789012:certificate/1234',
} as const

/** What a stage sets that keeps its backups in another region too. */
export const BACKUP_REGION = { backupRegion: 'eu-west-1' } as const

/** What a stage with a bridge on Fargate sets. */
export const BRIDGE_ON = {
  bridgeDomain: 'bridge.example.com',
  apiCertificateArn: 'arn:aws:acm:eu-central-1:123456789012:certificate/1234',
} as const
