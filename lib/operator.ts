import { Duration, Validations } from 'aws-cdk-lib'
import { LambdaIntegration, type RestApi } from 'aws-cdk-lib/aws-apigateway'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import { AttributeType, type ITableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Grant } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { OperatorEnvironment } from '../functions/operator/env.ts'
import { functionAlarms } from './alarms.ts'
import type { Authorizer } from './authorizer.ts'
import { type Config, isOnAws } from './config/config.ts'
import { costEnvironment } from './cost-environment.ts'
import type { DeadLetterBucket } from './dead-letter-bucket.ts'
import type { FeatureFlags } from './feature-flags.ts'
import { KeptTable } from './kept-table.ts'
import { metricsNamespace } from './metrics.ts'
import type { Part } from './part.ts'
import { PartFunction } from './part-function.ts'
import type { Streams } from './streams.ts'

export type OperatorProps = {
  readonly config: Config
  readonly streams: Streams
  readonly flags: FeatureFlags
  readonly minuteState: ITableV2
  readonly deadLetters: DeadLetterBucket
  readonly rest: RestApi
  readonly authorizer: Authorizer
}

/**
 * What the dashboard shows of the pipeline, and what operators do with it, each recorded. May touch: the flags, the
 * dead-letter bucket, `minute-state` (read), put to all streams (redrive), the table `actions`, metrics and alarms (read).
 */
export class Operator extends Construct implements Part {
  readonly function: PartFunction
  readonly alarms: readonly Alarm[]

  constructor(scope: Construct, id: string, props: OperatorProps) {
    super(scope, id)
    const { config, streams, flags, minuteState, deadLetters, rest, authorizer } = props
    const actions = new KeptTable(this, 'Actions', {
      config,
      name: 'actions',
      partitionKey: { name: 'kind', type: AttributeType.STRING },
      sortKey: { name: 'id', type: AttributeType.STRING },
    })
    const environment: OperatorEnvironment = {
      DEPLOYMENT: nameOf(config),
      FLAGS_PATH: flags.path,
      FLAGS: flags.names.join(' '),
      DEAD_LETTER_BUCKET: deadLetters.bucketName,
      MINUTE_STATE_TABLE: minuteState.tableName,
      TICKS_STREAM: streams.ticks.streamName,
      ACTIONS_TABLE: actions.tableName,
      CLOUDWATCH: isOnAws(config) ? 'on' : 'off',
      METRICS_NAMESPACE: metricsNamespace(config),
      ...costEnvironment(this, config),
      CONSUMERS: consumersOf(config).join(' '),
    }
    this.function = new PartFunction(this, 'Function', {
      config,
      part: 'operator',
      environment,
      // API Gateway waits no longer.
      timeout: Duration.seconds(29),
    })
    actions.grant(this.function, 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:DeleteItem')
    minuteState.grant(this.function, 'dynamodb:BatchGetItem')
    flags.grantSwitch(this.function)
    deadLetters.grantSettle(this.function)
    for (const stream of [streams.ticks, streams.bars, streams.signals])
      stream.grant(this.function, 'kinesis:PutRecords')
    if (isOnAws(config)) grantFigures(this.function)
    this.alarms = functionAlarms(this.function)
    const integration = new LambdaIntegration(this.function.live, { allowTestInvoke: false })
    const operations = rest.root.resourceForPath('v1/operations').addResource('{proxy+}')
    Validations.of(operations.addMethod('ANY', integration, authorizer.method)).acknowledge({
      id: 'AwsSolutions-COG4',
      reason: 'The authorizer verifies tokens of any issuer, Cognito among them, and API keys.',
    })
  }
}

function consumersOf({ archive, websocket, alerts }: Config): readonly string[] {
  return [
    'aggregator',
    'analytics',
    'bar-writer',
    ...(websocket === 'on' ? ['broadcaster'] : []),
    ...(archive === 'on' ? ['archiver'] : []),
    ...(alerts === 'on' ? ['alerter'] : []),
  ]
}

function grantFigures(grantee: PartFunction): void {
  Grant.addToPrincipal({
    grantee,
    actions: ['cloudwatch:GetMetricData', 'cloudwatch:DescribeAlarms'],
    resourceArns: ['*'],
  })
  Validations.of(grantee.functionRole).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'CloudWatch has no permissions by metric, and lists alarms of all names only.',
  })
}
