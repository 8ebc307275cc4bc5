import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { templateOf } from '../support/template.ts'

const responseSchema = z.object({
  Properties: z.object({
    ResponseType: z.string(),
    StatusCode: z.string(),
    ResponseParameters: z.record(z.string(), z.string()),
    ResponseTemplates: z.object({ 'application/json': z.string() }),
  }),
})

function responsesOf(context: Readonly<Record<string, string>>) {
  const found = templateOf(context).findResources('AWS::ApiGateway::GatewayResponse')
  return Object.values(found).map((resource) => responseSchema.parse(resource).Properties)
}

describe('an error of API Gateway itself', () => {
  const responses = responsesOf({ stage: 'local', corsOrigins: 'https://app.example' })

  it.each(responses)('$ResponseType is a problem document that web pages can read', (response) => {
    expect(response.ResponseParameters).toMatchObject({
      'gatewayresponse.header.Content-Type': "'application/problem+json'",
      'gatewayresponse.header.Access-Control-Allow-Origin': "'*'",
    })
    expect(JSON.parse(response.ResponseTemplates['application/json'])).toMatchObject({
      type: expect.stringMatching(/^urn:tickstock:/),
      status: Number(response.StatusCode),
    })
  })

  it('is one, whatever its type', () => {
    expect(responses.map(({ ResponseType }) => ResponseType)).toEqual(
      expect.arrayContaining(['DEFAULT_4XX', 'DEFAULT_5XX']),
    )
  })

  it.each(['THROTTLED', 'QUOTA_EXCEEDED', 'DEFAULT_5XX'])('%s says when to come again', (type) => {
    const response = responses.find(({ ResponseType }) => ResponseType === type)
    expect(response?.ResponseParameters['gatewayresponse.header.Retry-After']).toMatch(/^'\d+'$/)
  })

  it('is not for web pages where none may call', () => {
    expect(JSON.stringify(responsesOf({ stage: 'local' }))).not.toContain('Access-Control')
  })
})
