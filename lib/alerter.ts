import { Duration } from 'aws-cdk-lib'
import type { Alarm, IMetric, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { AttributeType } from 'aws-cdk-lib/aws-dynamodb'
import type { Topic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'

import type { AlerterEnvironment } from '../functions/alerter/env.ts'
import { consumerAlarms, createAlarm } from './alarms.ts'
import { createAlertTopic } from './alert-topic.ts'
import type { Config } from './config/config.ts'
import type { DeadLetterBucket } from './dead-letter-bucket.ts'
import { callEachMinute } from './each-minute.ts'
import { grantInvokeByName, invokedName } from './invoke-by-name.ts'
import { KeptTable } from './kept-table.ts'
import { partMetric, sumOf } from './metrics.ts'
import type { Part } from './part.ts'
import { PartFunction } from './part-function.ts'
import { consume } from './stream-consumer.ts'
import type { Streams } from './streams.ts'

export type AlerterProps = {
  readonly config: Config
  readonly streams: Streams
  readonly deadLetters: DeadLetterBucket
}

/**
 * Judges bars and signals by the rules of operators, and sends webhooks, or publishes to the topic of alerts where there is one. May
 * touch: the table `alerts`, and publish to that topic; it starts itself when a rule has fired. It runs outside the network, where it
 * reaches the internet and nothing of the network.
 */
export class Alerter extends Construct implements Part {
  readonly function: PartFunction
  readonly alarms: readonly Alarm[]
  readonly failures: IMetric
  readonly givenUp: readonly Metric[]
  /** Undefined with `alertTopic: off`. */
  readonly topic: Topic | undefined

  constructor(scope: Construct, id: string, { config, streams, deadLetters }: AlerterProps) {
    super(scope, id)
    const table = new KeptTable(this, 'Table', {
      config,
      name: 'alerts',
      partitionKey: { name: 'kind', type: AttributeType.STRING },
      sortKey: { name: 'id', type: AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
    })
    const own = invokedName(config, 'alerter')
    this.topic = createAlertTopic(this, config)
    const environment: AlerterEnvironment = {
      ALERTS_TABLE: table.tableName,
      ALERTER_FUNCTION: own,
      ACCESS: config.access,
      INDICATORS: config.indicators,
      PATTERNS: config.patterns,
      TRADING_HOURS: config.tradingHours,
      PRIVATE_ADDRESSES: config.alertPrivateAddresses,
      ALERT_TOPIC: this.topic?.topicArn ?? '',
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
    this.topic?.grantPublish(this.function)
    grantInvokeByName(this.function, own)
    // Nobody waits for these calls, and the next one comes in a minute.
    this.function.live.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) })
    callEachMinute(this, this.function, { type: 'minute' })
    const consumptions = [streams.bars, streams.signals].map((stream) =>
      consume(stream, this.function, { config, deadLetters, tries: 'counted', from: 'newest' }),
    )
    const batches = partMetric(config, 'alerter', { name: 'BatchesFailed' })
    const faults = partMetric(config, 'alerter', { name: 'ReadFaults' })
    this.failures = sumOf({ batches, faults }, 'failed')
    this.givenUp = consumptions.map(({ dropped }) => dropped)
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
}
