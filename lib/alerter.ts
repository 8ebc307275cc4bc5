import { ArnFormat, Duration, Stack } from 'aws-cdk-lib'
import type { Alarm, IMetric } from 'aws-cdk-lib/aws-cloudwatch'
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'

import type { AlerterEnvironment } from '../functions/alerter/env.ts'
import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import { consumerAlarms, createAlarm } from './alarms.ts'
import { type Config, isOnAws } from './config/config.ts'
import type { DeadLetterBucket } from './dead-letter-bucket.ts'
import { partMetric, sumOf } from './metrics.ts'
import type { Part } from './part.ts'
import { PartFunction } from './part-function.ts'
import { removalPolicyOf } from './removal-policy.ts'
import { consume } from './stream-consumer.ts'
import type { Streams } from './streams.ts'

export type AlerterProps = {
  readonly config: Config
  readonly streams: Streams
  readonly deadLetters: DeadLetterBucket
}

/**
 * Judges bars and signals by the rules of operators, and sends webhooks. May touch: the table `alerts`; it starts itself when a
 * rule has fired. It runs outside the network, where it reaches the internet and nothing of the network.
 */
export class Alerter extends Construct implements Part {
  readonly function: PartFunction
  readonly alarms: readonly Alarm[]
  readonly failures: IMetric

  constructor(scope: Construct, id: string, { config, streams, deadLetters }: AlerterProps) {
    super(scope, id)
    const table = new TableV2(this, 'Table', {
      tableName: `${nameOf(config)}-alerts`,
      partitionKey: { name: 'kind', type: AttributeType.STRING },
      sortKey: { name: 'id', type: AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
      billing: Billing.onDemand(),
      removalPolicy: removalPolicyOf(config),
      ...(config.deletionProtection === 'on' && {
        deletionProtection: true,
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      }),
    })
    const callable = `${nameOf(config)}-alerter${isOnAws(config) ? ':live' : ''}`
    const environment: AlerterEnvironment = {
      ALERTS_TABLE: table.tableName,
      ALERTER_FUNCTION: callable,
      ACCESS: config.access,
      INDICATORS: config.indicators,
      PATTERNS: config.patterns,
      TRADING_HOURS: config.tradingHours,
      PRIVATE_ADDRESSES: config.alertPrivateAddresses,
    }
    this.function = new PartFunction(this, 'Function', {
      config,
      part: 'alerter',
      environment,
      // A call starts attempts for 40 s, the last of which may take 10 s.
      timeout: Duration.seconds(60),
    })
    table.grant(
      this.function,
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:Query',
    )
    this.#mayInvokeItself(callable)
    // Nobody waits for these calls, and the next one comes in a minute.
    this.function.live.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) })
    new Rule(this, 'EachMinute', {
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [
        new LambdaFunction(this.function.live, { event: RuleTargetInput.fromObject({ type: 'minute' }) }),
      ],
    })
    const consumptions = [streams.bars, streams.signals].map((stream) =>
      consume(stream, this.function, { config, deadLetters, tries: 'counted', from: 'newest' }),
    )
    const batches = partMetric(config, 'alerter', { name: 'BatchesFailed' })
    const faults = partMetric(config, 'alerter', { name: 'ReadFaults' })
    this.failures = sumOf({ batches, faults }, 'failed')
    // No `givenUp`: `alerter-gave-up` tells, and `dead-letters` adds up nine metrics of the ten that CloudWatch allows.
    this.alarms = [
      ...consumerAlarms(this.function, { consumptions, failures: this.failures }),
      ...createAlarm(this, config, {
        name: 'alerter-undelivered',
        says: 'Alerts could not be delivered in ten attempts.',
        metric: partMetric(config, 'alerter', { name: 'AlertsFailed' }),
        above: 0,
        periods: [1, 1],
      }),
    ]
  }

  /** By name: a reference to itself would be circular. */
  #mayInvokeItself(name: string): void {
    const resource = Stack.of(this).formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: name,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    })
    this.function.addToRolePolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [resource] }),
    )
  }
}
