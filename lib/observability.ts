import { Duration, Stack } from 'aws-cdk-lib'
import {
  type Alarm,
  AlarmRule,
  AlarmState,
  CompositeAlarm,
  type IMetric,
  MathExpression,
} from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { Construct } from 'constructs'

import { parseSession } from '../functions/shared/tick-hours.ts'
import { createAlarm } from './alarms.ts'
import type { Config } from './config.ts'
import { createDashboard, type DashboardProps } from './dashboard.ts'
import { partMetric, sumOf } from './metrics.ts'
import type { Part } from './part.ts'
import { sessionExpression } from './session.ts'

export type ObservabilityProps = Omit<DashboardProps, 'alarms'> & {
  /** Called each minute, so its invocations are a clock. */
  readonly sweeper: Part
}

/** What watches the whole: the alarm for ticks that do not come, one alarm over all others, and the dashboard. */
export class Observability extends Construct {
  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id)
    const { config, parts, database, sweeper } = props
    const alarms = [
      ...parts.flatMap((part) => part.alarms),
      ...database.alarms,
      ...this.noTicks(config, sweeper),
    ]
    const unhealthy = new CompositeAlarm(this, 'Unhealthy', {
      compositeAlarmName: `tickstock-${config.stage}-unhealthy`,
      alarmDescription: 'One of the alarms rings. What to do: docs/runbook.md#unhealthy',
      alarmRule: AlarmRule.anyOf(...alarms.map((alarm) => AlarmRule.fromAlarm(alarm, AlarmState.ALARM))),
    })
    this.mail(config, unhealthy)
    createDashboard(this, { ...props, alarms })
  }

  /** One mail when the first alarm rings and one when all are silent, however many ring in between. */
  private mail({ stage, alarmEmail }: Config, unhealthy: CompositeAlarm): void {
    if (alarmEmail === undefined) return
    const topic = new Topic(this, 'Mail', { topicName: `tickstock-${stage}-alarms`, enforceSSL: true })
    // A policy of its own, as for TLS, takes the place of the one by which every alarm of the account may publish.
    topic.grantPublish(
      new ServicePrincipal('cloudwatch.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    )
    topic.addSubscription(new EmailSubscription(alarmEmail))
    unhealthy.addAlarmAction(new SnsAction(topic))
    unhealthy.addOkAction(new SnsAction(topic))
  }

  private noTicks(config: Config, sweeper: Part): Alarm[] {
    const session = parseSession(config.session)
    if (session.type === 'off') return []
    const period = Duration.minutes(1)
    const ticks = partMetric(config, 'aggregator', { name: 'TicksProcessed' })
    const clock = sweeper.function.metricInvocations({ period })
    const usingMetrics: Record<string, IMetric> = { ticks, clock }
    const orNone = 'SUM([ticks, clock * 0])'
    const metric =
      session.type === 'always'
        ? sumOf({ ticks }, 'ticks')
        : new MathExpression({
            expression: `IF(${sessionExpression(session, 'clock')}, ${orNone}, 1)`,
            usingMetrics,
            label: 'ticks within the session',
            period,
          })
    return createAlarm(this, config, {
      name: 'no-ticks',
      says: 'No tick has come for five minutes of the session.',
      metric,
      below: 1,
      periods: [5, 5],
      silence: 'wrong',
    })
  }
}
