import * as z from 'zod'

import { domain } from '../field-types.ts'

/** Who may use the APIs, and the dashboard. */
export const accessSettings = {
  /**
   * Who may use the APIs. `keys`: programs, with API keys in a header that API Gateway itself checks. `clients`: programs, also
   * with the clients of Alpaca and Massive, which send keys in other ways; a function reads the key of each request, and
   * keys are stored as hashes. `people`: people too, who sign in with OpenID Connect. On AWS, `people` adds the dashboard,
   * behind CloudFront, and a user pool of Cognito unless `oidcIssuer` names another issuer.
   * @default keys
   */
  access: z.enum(['keys', 'clients', 'people']).default('keys'),
  /**
   * `access: people`: the OpenID Connect issuer that signs people in, exactly as its tokens spell it in `iss`.
   * @default a user pool of Cognito; stage `local` wants one
   */
  oidcIssuer: z
    .string()
    .regex(
      /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1)(:|\/|$))[^\s?#]*$/,
      'allowed is an https address without ? and #, as https://login.example.com/realms/desk',
    )
    .optional(),
  /**
   * `access: people`: the client id that TickStock's page has at `oidcIssuer`; tokens for other clients are refused.
   * @default that of the user pool
   */
  oidcClientId: z.string().regex(/^\S+$/, 'allowed is a text without spaces').optional(),
  /**
   * `access: people`: the claim of `oidcIssuer` with the groups of a person, of which `viewer` and `operator` count.
   * @default groups
   */
  oidcGroupsClaim: z.string().min(1).default('groups'),
  /**
   * `access: people`: what the dashboard asks `oidcIssuer` for, with spaces in between; some want a scope for the groups.
   * @default openid email
   */
  oidcScope: z
    .string()
    .regex(/^openid( \S+)*$/, 'allowed is openid, and other scopes with one space before each')
    .default('openid email'),
  /**
   * AWS, `access: people`: the domain of the dashboard, which its owner lets lead to the output DashboardHost.
   * @default one of CloudFront's
   */
  dashboardDomain: domain().optional(),
  /**
   * AWS: the certificate of `dashboardDomain`, in us-east-1, where CloudFront looks for it.
   * @default none
   */
  dashboardCertificateArn: z
    .string()
    .regex(
      /^arn:aws[\w-]*:acm:us-east-1:\d{12}:certificate\/[\w-]+$/,
      'allowed is the ARN of a certificate of ACM in us-east-1',
    )
    .optional(),
  /**
   * AWS, `access: people`: a web ACL of WAF before the dashboard, of the scope CLOUDFRONT.
   * @default none
   */
  dashboardWebAclArn: z
    .string()
    .regex(
      /^arn:aws[\w-]*:wafv2:us-east-1:\d{12}:global\/webacl\/[\w-]+\/[\w-]+$/,
      'allowed is the ARN of a web ACL of WAF of the scope CLOUDFRONT, which is in us-east-1',
    )
    .optional(),
}
