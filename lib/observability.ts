import { Duration, Stack } from 'aws-cdk-lib'
import {
  type Alarm,
  type AlarmBase,
  AlarmRule,
  AlarmState,
  CompositeAlarm,
  MathExpression,
} from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import { isOff, parseTradingHours } from '../functions/shared/runtime/trading-hours.ts'
import { createAlarm, mailsByItself, throttlesOf } from './alarms.ts'
import type { Config } from './config/config.ts'
import { createDashboard, type DashboardProps } from './dashboard.ts'
import { partMetric, sumOfAll } from './metrics.ts'
import type { Part } from './part.ts'

export type ObservabilityProps = Omit<DashboardProps, 'alarms'> & {
  /** Those of the venue feed; none where there is none. */
  readonly venueAlarms: readonly Alarm[]
  /** That of the bridge; none where there is none. */
  readonly bridgeAlarms: readonly Alarm[]
  /** Those of the database; none where it is somebody else's. */
  readonly databaseAlarms: readonly Alarm[]
  /** Those of copies in the backup region; none where there is none. */
  readonly backupAlarms: readonly Alarm[]
}

/**
 * The monitoring of the whole system: the alarms of no single part, the alarms that send mails, and the dashboard.
 *
 * One cause triggers many alarms, and a mail for each would hide it. So the alarms of a part share one mail, and those of
 * the database: it is sent when the first of them is in alarm. A second fault elsewhere sends its own. An alarm that may
 * last for hours without a fault (a quiet night, dead letters that can wait until tomorrow), or that reports a loss, sends
 * its own mail, so that it neither hides another nor is hidden.
 */
export class Observability extends Construct {
  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id)
    const { config, parts, databaseAlarms, venueAlarms, bridgeAlarms, backupAlarms } = props
    const lasting = [...this.#noTicks(config), this.#deadLetters(config, parts)]
    const alone = [
      ...parts.flatMap(({ alarms, function: fn }) => alarms.filter((alarm) => mailsByItself(alarm, fn))),
      ...this.#throttled(props),
      ...backupAlarms,
      ...bridgeAlarms,
    ]
    const together = [
      ...parts.map(({ alarms, function: fn }) =>
        this.#anyOf(
          `${fn.part}-unhealthy`,
          config,
          alarms.filter((alarm) => !mailsByItself(alarm, fn)),
        ),
      ),
      ...(databaseAlarms.length === 0 ? [] : [this.#anyOf('database-unhealthy', config, databaseAlarms)]),
      ...(venueAlarms.length === 0 ? [] : [this.#anyOf('venue-feed-unhealthy', config, venueAlarms)]),
    ]
    // The one answer to "is it healthy?"; without mails, since it would not report a second fault.
    this.#anyOf('unhealthy', config, [...together, ...alone])
    this.#mail(config, [...together, ...alone, ...lasting])
    const ofParts = parts.flatMap(({ alarms }) => alarms)
    createDashboard(this, {
      ...props,
      alarms: [
        ...lasting,
        ...ofParts,
        ...venueAlarms,
        ...databaseAlarms,
        ...alone.filter((alarm) => !ofParts.includes(alarm)),
      ],
    })
  }

  #anyOf(
    name: string,
    config: Config,
    alarms: readonly AlarmBase[],
    alarmDescription = 'One of its alarms rings: go to the section of that one. docs/runbook.md#unhealthy',
  ): CompositeAlarm {
    return new CompositeAlarm(this, name, {
      compositeAlarmName: `${nameOf(config)}-${name}`,
      alarmDescription,
      alarmRule: AlarmRule.anyOf(...alarms.map((alarm) => AlarmRule.fromAlarm(alarm, AlarmState.ALARM))),
    })
  }

  /** One mail when the first is in alarm and one when all are OK again. */
  #mail(config: Config, senders: readonly AlarmBase[]): void {
    const { alarmEmail } = config
    if (alarmEmail === undefined) return
    const topic = new Topic(this, 'Mail', { topicName: `${nameOf(config)}-alarms`, enforceSSL: true })
    // This policy, needed for TLS, replaces the default one, which lets every alarm of the account publish.
    topic.grantPublish(
      new ServicePrincipal('cloudwatch.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    )
    topic.addSubscription(new EmailSubscription(alarmEmail))
    for (const alarm of senders) {
      alarm.addAlarmAction(new SnsAction(topic))
      alarm.addOkAction(new SnsAction(topic))
    }
  }

  #noTicks(config: Config): Alarm[] {
    if (isOff(parseTradingHours(config.tradingHours))) return []
    const ticks = partMetric(config, 'aggregator', { name: 'TicksProcessed' })
    const open = partMetric(config, 'sweeper', { name: 'SessionOpen' })
    return createAlarm(this, config, {
      name: 'no-ticks',
      says: 'No tick has come for five minutes of the session.',
      metric: new MathExpression({
        expression: 'IF(open > 0, SUM([ticks, open * 0]), 1)',
        usingMetrics: { ticks, open },
        label: 'ticks within the session',
        period: Duration.minutes(1),
      }),
      below: 1,
      periods: [5, 5],
      silence: 'wrong',
    })
  }

  /**
   * `<part>-gave-up` and `bars-refused` are OK a minute later; these are not. One for each part, since an alarm looks at ten metrics at
   * the most, and one over them.
   */
  #deadLetters(config: Config, parts: readonly Part[]): CompositeAlarm {
    const ofParts = parts.flatMap(({ function: { part }, givenUp = [] }) =>
      givenUp.length === 0
        ? []
        : createAlarm(this, config, {
            name: `${part}-dead-letters`,
            section: 'dead-letters',
            says: `Within a day records of the function ${part} were given up on or refused: they wait in the dead-letter bucket.`,
            metric: sumOfAll(givenUp, { name: 'from', label: 'dead letters', period: Duration.hours(1) }),
            above: 0,
            periods: [1, 24],
          }),
    )
    const says = 'Within a day records were given up on or refused: they wait in the dead-letter bucket.'
    return this.#anyOf('dead-letters', config, ofParts, `${says} What to do: docs/runbook.md#dead-letters`)
  }

  /** What AWS takes less of than is sent; each may last for hours. */
  #throttled({ config, streams, minuteState, indicatorState }: ObservabilityProps): Alarm[] {
    const ofStream = (name: 'ticks' | 'bars' | 'signals', says: string): Alarm[] =>
      createAlarm(this, config, {
        name: `${name}-throttled`,
        says,
        metric: streams[name].metricWriteProvisionedThroughputExceeded({
          statistic: 'Sum',
          period: Duration.minutes(1),
        }),
        above: 0,
      })
    return [
      ...ofStream('ticks', 'The stream of ticks takes less than the feed puts.'),
      ...ofStream('bars', 'The stream of bars takes less than the aggregator puts.'),
      ...ofStream('signals', 'The stream of signals takes less than the analytics put.'),
      ...createAlarm(this, config, {
        name: 'minute-state-throttled',
        says: 'DynamoDB refuses reads or writes of minute-state.',
        metric: throttlesOf([minuteState]),
        above: 0,
      }),
      ...createAlarm(this, config, {
        name: 'indicator-state-throttled',
        says: 'DynamoDB refuses reads or writes of indicator-state.',
        metric: throttlesOf([indicatorState]),
        above: 0,
      }),
    ]
  }
}
