import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { readConfig } from '../../lib/config.ts'
import { templateOf } from '../support/template.ts'

const PEOPLE = { access: 'people', oidcIssuer: 'https://login.example.com', oidcClientId: 'desk' }
const template = templateOf({ stage: 'prod', apiRate: '7', apiBurst: '9', ...PEOPLE })

const methodSchema = z.object({
  Properties: z.object({
    HttpMethod: z.string(),
    AuthorizationType: z.string(),
    ApiKeyRequired: z.boolean().default(false),
  }),
})
const resourceSchema = z.object({ Properties: z.object({ ResourceId: z.object({ Ref: z.string() }) }) })

describe('with access: people', () => {
  it('every method that gives data asks the authorizer, and for the key that it names', () => {
    const methods = Object.values(template.findResources('AWS::ApiGateway::Method')).map((method) => {
      const { HttpMethod, AuthorizationType, ApiKeyRequired } = methodSchema.parse(method).Properties
      const resource = resourceSchema.parse(method).Properties.ResourceId.Ref
      const path = /v1(?<name>[a-z]+)|docs/.exec(resource)?.groups?.['name'] ?? 'docs'
      return `${HttpMethod} ${path} ${AuthorizationType} ${ApiKeyRequired}`
    })
    expect(methods.toSorted()).toEqual([
      'ANY proxy CUSTOM true',
      'GET docs NONE false',
      'GET openapijson NONE false',
      'HEAD docs NONE false',
      'HEAD openapijson NONE false',
      'POST livetickets CUSTOM true',
    ])
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
    [{ access: 'people' }, /oidcIssuer is not set: access people wants oidcIssuer and oidcClientId/],
    [{ ...PEOPLE, oidcClientId: '' }, /oidcClientId is ""/],
    [{ access: 'people', oidcIssuer: 'https://login.example.com' }, /oidcClientId is not set/],
    [{ oidcIssuer: 'https://login.example.com' }, /with access keys nobody signs in, so it has no effect/],
    [{ ...PEOPLE, oidcIssuer: 'http://login.example.com' }, /allowed is an https address/],
    [{ access: 'anybody' }, /access is "anybody"/],
  ])('refuses %j', (settings, message) => {
    expect(read(settings)).toThrow(message)
  })
})
