import { RemovalPolicy } from 'aws-cdk-lib'
import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'

/** What the runbook asks of whoever calls an API: when, which key, from where. Then what the API has to say itself. */
export function accessLogFormat(own: Readonly<Record<string, string>>): AccessLogFormat {
  return AccessLogFormat.custom(
    JSON.stringify({
      requestTime: AccessLogField.contextRequestTime(),
      requestId: AccessLogField.contextRequestId(),
      apiKeyId: AccessLogField.contextIdentityApiKeyId(),
      ip: AccessLogField.contextIdentitySourceIp(),
      ...own,
    }),
  )
}

/** The log of who called the API of that name. */
export function createAccessLogs(scope: Construct, apiName: string): LogGroup {
  return new LogGroup(scope, 'AccessLogs', {
    logGroupName: `/aws/apigateway/${apiName}`,
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  })
}
