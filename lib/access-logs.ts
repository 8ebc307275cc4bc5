import { RemovalPolicy } from 'aws-cdk-lib'
import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'

import type { Config } from './config/config.ts'

/** The fields that the runbook needs: when, which key and address called, unless the config leaves that out. Then the fields of the API itself. */
export function accessLogFormat(
  { clientAddresses }: Pick<Config, 'clientAddresses'>,
  own: Readonly<Record<string, string>>,
): AccessLogFormat {
  return AccessLogFormat.custom(
    JSON.stringify({
      requestTime: AccessLogField.contextRequestTime(),
      requestId: AccessLogField.contextRequestId(),
      apiKeyId: AccessLogField.contextIdentityApiKeyId(),
      ...(clientAddresses === 'on' && { ip: AccessLogField.contextIdentitySourceIp() }),
      ...own,
    }),
  )
}

/** The access log of the API of that name. */
export function createAccessLogs(scope: Construct, apiName: string): LogGroup {
  return new LogGroup(scope, 'AccessLogs', {
    logGroupName: `/aws/apigateway/${apiName}`,
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  })
}
