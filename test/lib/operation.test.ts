import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { stackOf, templateOf } from '../support/template.ts'

const template = templateOf({ stage: 'prod' })

describe('what an operator relies on', () => {
  it.each(['local', 'dev', 'prod'])(
    'in %s is that every log ends after a month, and with the stack',
    (stage) => {
      const logs = Object.values(templateOf({ stage }).findResources('AWS::Logs::LogGroup'))
      expect(logs.length).toBeGreaterThan(5)
      for (const log of logs)
        expect(log).toMatchObject({ DeletionPolicy: 'Delete', Properties: { RetentionInDays: 30 } })
    },
  )

  it.each([
    [1, 7],
    [30, 30],
  ])('is that an export, kept for %i days, has %i days to become whole', (exportDays, days) => {
    const rule = Match.objectLike({
      ExpirationInDays: exportDays,
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: days },
    })
    const exported = templateOf({ stage: 'dev', exportDays: String(exportDays) })
    expect(() =>
      exported.hasResourceProperties('AWS::S3::Bucket', {
        LifecycleConfiguration: { Rules: Match.arrayWith([rule]) },
      }),
    ).not.toThrow()
  })

  it('is that the errors of API Gateway are logged to a group that ends too', () => {
    const [stage] = Object.values(template.findResources('AWS::ApiGateway::Stage'))
    const { DependsOn } = z.object({ DependsOn: z.array(z.string()) }).parse(stage)
    const id = DependsOn.find((each) => each.startsWith('ExecutionLogs')) ?? ''
    expect(template.findResources('AWS::Logs::LogGroup')[id]).toMatchObject({
      Properties: {
        LogGroupName: { 'Fn::Join': ['', ['API-Gateway-Execution-Logs_', expect.anything(), '/prod']] },
      },
    })
  })

  it('is that the access log of the API tells who asked for what, and how long it took', () => {
    const format = Match.serializedJson(
      Match.objectLike({
        apiKeyId: '$context.identity.apiKeyId',
        path: '$context.path',
        responseLatencyMs: '$context.responseLatency',
      }),
    )
    expect(() =>
      template.hasResourceProperties('AWS::ApiGateway::Stage', { AccessLogSetting: { Format: format } }),
    ).not.toThrow()
  })

  it('is that the access log of WebSocket clients tells who, what and what became of it, and that it may be written', () => {
    const stages = z
      .array(
        z.object({
          DependsOn: z.array(z.string()),
          Properties: z.object({ AccessLogSettings: z.object({ Format: z.string() }) }),
        }),
      )
      .parse(Object.values(template.findResources('AWS::ApiGatewayV2::Stage')))
    expect(stages).toHaveLength(1)
    for (const { DependsOn, Properties } of stages) {
      expect(JSON.parse(Properties.AccessLogSettings.Format)).toMatchObject({
        apiKeyId: '$context.identity.apiKeyId',
        connectionId: '$context.connectionId',
        error: '$context.error.message',
      })
      const [account] = Object.keys(template.findResources('AWS::ApiGateway::Account'))
      expect(DependsOn).toEqual([account])
    }
  })

  it('is that the stack of prod is not deleted by mistake, and that of dev goes', () => {
    expect(stackOf({ stage: 'prod' }).terminationProtection).toBe(true)
    expect(stackOf({ stage: 'dev' }).terminationProtection).toBe(false)
  })

  it.each([
    ['bar-writer', 20],
    ['api', 50],
  ])('is that in prod %s has no more than %s connections to the database', (part, instances) => {
    expect(() =>
      template.hasResourceProperties('AWS::Lambda::Function', {
        FunctionName: `tickstock-prod-${part}`,
        ReservedConcurrentExecutions: instances,
      }),
    ).not.toThrow()
  })

  it('is that functions in the network reach S3, Secrets Manager and Kinesis', () => {
    expect(() =>
      template.hasResourceProperties('AWS::EC2::VPCEndpoint', {
        VpcEndpointType: 'Gateway',
        ServiceName: Match.objectLike({ 'Fn::Join': ['', Match.arrayWith(['.s3'])] }),
      }),
    ).not.toThrow()
    expect(() =>
      template.hasResourceProperties('AWS::EC2::VPCEndpoint', {
        VpcEndpointType: 'Interface',
        PrivateDnsEnabled: true,
        ServiceName: Match.objectLike({ 'Fn::Join': ['', Match.arrayWith(['.secretsmanager'])] }),
      }),
    ).not.toThrow()
    expect(() =>
      template.hasResourceProperties('AWS::EC2::VPCEndpoint', {
        VpcEndpointType: 'Interface',
        PrivateDnsEnabled: true,
        ServiceName: Match.objectLike({ 'Fn::Join': ['', Match.arrayWith(['.kinesis-streams'])] }),
      }),
    ).not.toThrow()
  })
})
