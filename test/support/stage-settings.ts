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
