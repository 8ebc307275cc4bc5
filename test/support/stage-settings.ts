/** What a stage with the dashboard at a domain of its own and another issuer than Cognito sets. */
export const OTHER_ISSUER = {
  access: 'people',
  oidcIssuer: 'https://login.example.com',
  oidcClientId: 'desk',
  dashboardDomain: 'desk.example.com',
  dashboardCertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1234',
  dashboardWebAclArn: 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/desk/1234',
} as const
