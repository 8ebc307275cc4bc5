import { runInNewContext } from 'node:vm'

import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { takeInventory } from '../../bin/cost/inventory.ts'
import { METRICS_OF_MAPPING, MONTH_HOURS, standingCost } from '../../functions/shared/cost/standing.ts'
import { METRICS } from '../../functions/shared/runtime/metric-names.ts'
import { readConfig } from '../../lib/config/read-config.ts'
import { templateOf } from '../support/template.ts'

const PEOPLE = { access: 'people', oidcIssuer: 'https://login.example.com', oidcClientId: 'desk' }
const template = templateOf({ stage: 'prod', apiRate: '7', apiBurst: '9', ...PEOPLE })

const ACL = 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/desk/1234'

const methodSchema = z.object({
  Properties: z.object({
    HttpMethod: z.string(),
    AuthorizationType: z.string(),
    ApiKeyRequired: z.boolean().default(false),
  }),
})
const placeSchema = z.object({ ResourceId: z.union([z.object({ Ref: z.string() }), z.unknown()]) })
const resourceSchema = z.object({ PathPart: z.string(), ParentId: z.unknown() })

/** The methods of the REST API: method, path, who says who calls, and whether a key is needed. */
function methodsOf(of: typeof template): string[] {
  const resources = of.findResources('AWS::ApiGateway::Resource')
  const pathOf = (id: unknown): string => {
    const { Ref: name } = z
      .object({ Ref: z.string().default('') })
      .catch({ Ref: '' })
      .parse(id)
    const resource = resourceSchema.safeParse(resources[name]?.['Properties']).data
    return resource === undefined ? '' : `${pathOf(resource.ParentId)}/${resource.PathPart}`
  }
  return Object.values(of.findResources('AWS::ApiGateway::Method'))
    .map(({ Properties }) => {
      const { HttpMethod, AuthorizationType, ApiKeyRequired } = methodSchema.parse({ Properties }).Properties
      return `${HttpMethod} ${pathOf(placeSchema.parse(Properties).ResourceId)} ${AuthorizationType} ${ApiKeyRequired}`
    })
    .toSorted()
}

/** Paths that give data: those of other vendors' clients too, also behind the stage (docs/clients.md). */
const DATA = ['jobs', 'jobs/{proxy+}', '{proxy+}']
  .map((path) => `/v1/${path}`)
  .concat(['prod', 'v1beta1', 'v1beta3', 'v2', 'v3'].map((path) => `/${path}/{proxy+}`))
const OPEN = ['GET', 'HEAD'].flatMap((method) =>
  ['/docs', '/v1/openapi.json'].map((path) => `${method} ${path} NONE false`),
)

describe('with access: people', () => {
  it('every method that gives data asks the authorizer, and for the key that it names', () => {
    expect(methodsOf(template)).toEqual(
      [
        ...DATA.map((path) => `ANY ${path} CUSTOM true`),
        'ANY /v1/operations/{proxy+} CUSTOM true',
        ...OPEN,
        'POST /v1/live-tickets CUSTOM true',
      ].toSorted(),
    )
    template.hasResourceProperties('AWS::ApiGateway::RestApi', { ApiKeySourceType: 'AUTHORIZER' })
  })

  it('no answer of the authorizer is kept: what is revoked is refused', () => {
    const [authorizer] = Object.values(template.findResources('AWS::ApiGateway::Authorizer'))
    expect(authorizer).toMatchObject({ Properties: { Type: 'REQUEST', AuthorizerResultTtlInSeconds: 0 } })
  })

  it('only $connect asks, and for the key that the authorizer names', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      ApiKeySelectionExpression: '$context.authorizer.usageIdentifierKey',
    })
    const routes = Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map(({ Properties }) => [
      Properties.RouteKey,
      `${Properties.AuthorizationType} ${Properties.ApiKeyRequired}`,
    ])
    expect(Object.fromEntries(routes)).toEqual({
      $connect: 'CUSTOM true',
      $default: 'NONE false',
      $disconnect: 'NONE false',
    })
  })

  it('people have plans of their own, with the limit of ten keys', () => {
    const plans = Object.values(template.findResources('AWS::ApiGateway::UsagePlan')).map(
      ({ Properties }) => [Properties.UsagePlanName, Properties.Throttle],
    )
    expect(plans).toEqual([
      ['tickstock-prod', { RateLimit: 7, BurstLimit: 9 }],
      ['tickstock-prod-people', { RateLimit: 70, BurstLimit: 90 }],
      ['tickstock-prod-websocket', { RateLimit: 7, BurstLimit: 9 }],
      ['tickstock-prod-people-websocket', { RateLimit: 70, BurstLimit: 90 }],
    ])
  })

  it('the function knows the issuer, the client and the claim', () => {
    const functions = Object.values(template.findResources('AWS::Lambda::Function'))
    const named = functions.find(({ Properties }) => Properties.FunctionName === 'tickstock-prod-authorizer')
    expect(named?.['Properties'].Environment.Variables).toMatchObject({
      OIDC_ISSUER: 'https://login.example.com',
      OIDC_AUDIENCE: 'desk',
      OIDC_GROUPS_CLAIM: 'groups',
      PEOPLE_KEY: 'tickstock-prod-people',
    })
  })

  it('without WebSocket there are no tickets to get', () => {
    const without = JSON.stringify(templateOf({ stage: 'prod', websocket: 'off', ...PEOPLE }).toJSON())
    expect(without).not.toContain('live-tickets')
  })
})

describe('with access: clients', () => {
  const clients = templateOf({ stage: 'prod', access: 'clients' })

  it('every method that gives data asks the authorizer, and for the key that it names', () => {
    expect(methodsOf(clients)).toEqual(
      [
        ...DATA.map((path) => `ANY ${path} CUSTOM true`),
        ...OPEN,
        'POST /v1/live-tickets CUSTOM true',
      ].toSorted(),
    )
    clients.hasResourceProperties('AWS::ApiGateway::RestApi', { ApiKeySourceType: 'AUTHORIZER' })
    clients.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      ApiKeySelectionExpression: '$context.authorizer.usageIdentifierKey',
    })
  })

  it('nobody signs in: there is no user pool, no page, nothing for operators, no key of people', () => {
    for (const type of ['AWS::Cognito::UserPool', 'AWS::CloudFront::Distribution'])
      clients.resourceCountIs(type, 0)
    clients.resourceCountIs('AWS::ApiGateway::ApiKey', 1)
    clients.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'tickstock-prod-authorizer',
      Environment: { Variables: Match.objectLike({ OIDC_ISSUER: '' }) },
    })
    expect(JSON.stringify(clients.toJSON())).not.toContain('tickstock-prod-operator')
  })

  it('what the authorizer refuses says how a key is sent, in the members that clients read', () => {
    const [response] = Object.values(
      clients.findResources('AWS::ApiGateway::GatewayResponse', {
        Properties: { ResponseType: 'ACCESS_DENIED', StatusCode: '401' },
      }),
    )
    const text = response?.['Properties'].ResponseTemplates['application/json']
    expect(JSON.parse(text)).toMatchObject({
      type: 'urn:tickstock:no-key',
      code: 40_110_000,
      message: expect.stringContaining('APCA-API-SECRET-KEY'),
    })
  })
})

it('with access: keys, API Gateway itself looks for the key of every method that gives data', () => {
  expect(methodsOf(templateOf({ stage: 'prod' }))).toEqual(
    [...DATA.map((path) => `ANY ${path} NONE true`), ...OPEN].toSorted(),
  )
})

const cognito = templateOf({ stage: 'prod', access: 'people' })
const only = (given: typeof template, type: string) => {
  const [resource, ...others] = Object.values(given.findResources(type))
  expect(others).toEqual([])
  return resource?.['Properties']
}

describe('without an issuer of its own', () => {
  it('people are in a user pool, which only an administrator fills', () => {
    expect(only(cognito, 'AWS::Cognito::UserPool')).toMatchObject({
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      MfaConfiguration: 'OPTIONAL',
      EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
      DeletionProtection: 'ACTIVE',
    })
    const groups = Object.values(cognito.findResources('AWS::Cognito::UserPoolGroup'))
    expect(groups.map(({ Properties }) => Properties.GroupName)).toEqual(['viewer', 'operator'])
    expect(template.findResources('AWS::Cognito::UserPool')).toEqual({})
  })

  it('the page signs in by code, without a secret, and the authorizer takes tokens for it', () => {
    expect(only(cognito, 'AWS::Cognito::UserPoolClient')).toMatchObject({
      AllowedOAuthFlows: ['code'],
      GenerateSecret: false,
      ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
      CallbackURLs: [expect.anything()],
    })
    const functions = Object.values(cognito.findResources('AWS::Lambda::Function'))
    const named = functions.find(({ Properties }) => Properties.FunctionName === 'tickstock-prod-authorizer')
    const { Variables } = named?.['Properties'].Environment ?? {}
    expect(Variables.OIDC_GROUPS_CLAIM).toBe('cognito:groups')
    expect(JSON.stringify(Variables.OIDC_ISSUER)).toContain('https://cognito-idp.')
    expect(Variables.OIDC_AUDIENCE).toEqual({ Ref: expect.stringMatching(/^UserPoolPeoplePage/) })
  })
})

describe('the estimate of the cost', () => {
  it('has what costs money when idle as the bill counts it in the template', () => {
    const given: Readonly<Record<string, string>> = { stage: 'prod', region: 'eu-central-1', ...PEOPLE }
    const config = readConfig((key) => given[key])
    const inventory = takeInventory(template.toJSON())
    const metrics = Object.entries(METRICS).flatMap(([part, names]) =>
      inventory.functions.includes(part) ? names : [],
    ).length
    const cost = standingCost({
      ...inventory,
      shards: config.tickShards + config.barShards + config.signalShards,
      fanOutShards: 0,
      onDemandStreams: 0,
      retentionHours: config.streamRetentionHours,
      database: {
        instance: config.databaseInstance,
        zones: 2,
        gib: config.databaseStorageGib,
        hasProxy: config.databaseProxy === 'on',
      },
      metrics: metrics + inventory.eventSourceMappings * METRICS_OF_MAPPING,
    })
    const month = Object.values(cost ?? {}).reduce((sum, dollars) => sum + dollars, 0)
    const operator = Object.values(template.findResources('AWS::Lambda::Function')).find(
      ({ Properties }) => Properties.FunctionName === 'tickstock-prod-operator',
    )
    const { STANDING_COST, FUNCTIONS_MB } = operator?.['Properties'].Environment.Variables ?? {}
    expect(month).toBeGreaterThan(300)
    expect(Number(STANDING_COST)).toBeCloseTo(month / MONTH_HOURS, 5)
    expect(FUNCTIONS_MB.split(' ')).toEqual(expect.arrayContaining(['aggregator=512', 'api=1024']))
    expect(FUNCTIONS_MB.split(' ')).toHaveLength(inventory.functions.length)
  })
})

describe('the page on AWS', () => {
  const { DistributionConfig } = only(template, 'AWS::CloudFront::Distribution') ?? {}

  it('is in a bucket that only CloudFront reads, over TLS', () => {
    const buckets = Object.entries(template.findResources('AWS::S3::Bucket'))
    const [, files] = buckets.find(([id]) => id.startsWith('PageFiles')) ?? []
    expect(files?.['Properties'].PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    })
    expect(only(template, 'AWS::CloudFront::OriginAccessControl')).toMatchObject({
      OriginAccessControlConfig: { SigningBehavior: 'always', SigningProtocol: 'sigv4' },
    })
    expect(DistributionConfig.DefaultCacheBehavior).toMatchObject({
      ViewerProtocolPolicy: 'redirect-to-https',
    })
  })

  it('has the APIs below its own domain, and keeps none of their answers', () => {
    const behaviors = z
      .array(
        z.looseObject({ PathPattern: z.string(), CachePolicyId: z.string(), TargetOriginId: z.string() }),
      )
      .parse(DistributionConfig.CacheBehaviors)
    expect(behaviors.map(({ PathPattern }) => PathPattern)).toEqual(['/v1/*', '/prod', '/docs'])
    // The managed policies CachingDisabled and AllViewerExceptHostHeader.
    for (const behavior of behaviors.slice(0, 2))
      expect(behavior).toMatchObject({
        CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
        OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
        ViewerProtocolPolicy: 'https-only',
      })
    const paths = z
      .array(z.looseObject({ OriginPath: z.string().optional() }))
      .parse(DistributionConfig.Origins)
      .map(({ OriginPath }) => OriginPath)
    expect(paths.filter(Boolean)).toEqual(['/prod'])
  })

  it('leads /docs to its view of the API', () => {
    expect(DistributionConfig.CacheBehaviors[2]).toMatchObject({
      PathPattern: '/docs',
      FunctionAssociations: [{ EventType: 'viewer-request' }],
    })
    const { FunctionCode: code } = only(template, 'AWS::CloudFront::Function') ?? {}
    expect(runInNewContext(`${code}; handler()`)).toMatchObject({
      statusCode: 302,
      headers: { location: { value: '/#/api' } },
    })
  })

  it('loads nothing from elsewhere, and asks only the issuer for tokens', () => {
    const { ResponseHeadersPolicyConfig } = only(template, 'AWS::CloudFront::ResponseHeadersPolicy') ?? {}
    const { ContentSecurityPolicy, FrameOptions, StrictTransportSecurity } =
      ResponseHeadersPolicyConfig.SecurityHeadersConfig
    const policy = ContentSecurityPolicy.ContentSecurityPolicy
    expect(policy).toContain(
      "default-src 'self'; connect-src 'self' https://login.example.com; style-src 'self'",
    )
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|\*/)
    expect([FrameOptions.FrameOption, StrictTransportSecurity.AccessControlMaxAgeSec]).toEqual([
      'DENY',
      31_536_000,
    ])
  })

  it('may have a domain, a certificate and a web ACL', () => {
    const certificate = 'arn:aws:acm:us-east-1:123456789012:certificate/1234'
    const own = templateOf({
      stage: 'prod',
      ...PEOPLE,
      dashboardDomain: 'desk.example.com',
      dashboardCertificateArn: certificate,
      dashboardWebAclArn: ACL,
    })
    expect(only(own, 'AWS::CloudFront::Distribution')?.DistributionConfig).toMatchObject({
      Aliases: ['desk.example.com'],
      ViewerCertificate: { AcmCertificateArn: certificate, MinimumProtocolVersion: 'TLSv1.2_2021' },
      WebACLId: ACL,
    })
    expect(own.findOutputs('DashboardUrl')).toEqual({ DashboardUrl: { Value: 'https://desk.example.com/' } })
  })

  it('is not in stage local, where npm start serves it', () => {
    const local = templateOf({ stage: 'local', ...PEOPLE })
    expect(local.findResources('AWS::CloudFront::Distribution')).toEqual({})
  })
})

describe('with access: keys', () => {
  it('there is no authorizer, and API Gateway checks the keys', () => {
    const keys = templateOf({ stage: 'prod' })
    expect(keys.findResources('AWS::ApiGateway::Authorizer')).toEqual({})
    expect(JSON.stringify(keys.toJSON())).not.toMatch(/authorizer|Tickets/i)
    keys.hasResourceProperties('AWS::ApiGateway::RestApi', { ApiKeySourceType: 'HEADER' })
  })
})

describe('the config', () => {
  const read = (settings: Readonly<Record<string, string>>) => () =>
    readConfig((key) => ({ stage: 'prod', region: 'eu-central-1', ...settings })[key])

  it.each<[Record<string, string>, RegExp]>([
    [{ stage: 'local', access: 'people' }, /oidcIssuer is not set: in stage local there is no user pool/],
    [
      { access: 'people', dashboardDomain: 'desk.example.com' },
      /dashboardCertificateArn is not set: dashboardDomain and dashboardCertificateArn go together/,
    ],
    [{ dashboardWebAclArn: ACL }, /with access keys nobody signs in/],
    [{ access: 'people', dashboardWebAclArn: 'arn:aws:wafv2:eu-central-1:1' }, /of the scope CLOUDFRONT/],
    [{ ...PEOPLE, oidcClientId: '' }, /oidcClientId is ""/],
    [{ access: 'people', oidcIssuer: 'https://login.example.com' }, /oidcClientId is not set/],
    [
      { oidcIssuer: 'https://login.example.com', oidcClientId: 'desk' },
      /with access keys nobody signs in, so it has no effect/,
    ],
    [{ ...PEOPLE, oidcIssuer: 'http://login.example.com' }, /allowed is an https address/],
    [{ access: 'anybody' }, /access is "anybody"/],
  ])('refuses %j', (settings, message) => {
    expect(read(settings)).toThrow(message)
  })
})
