import { Duration } from 'aws-cdk-lib'
import type { Alarm, IMetric, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Construct } from 'constructs'

import type { AnalyticsEnvironment } from '../functions/analytics/env.ts'
import { consumerAlarms } from './alarms.ts'
import type { Config } from './config/config.ts'
import type { DeadLetterBucket } from './dead-letter-bucket.ts'
import type { FeatureFlags } from './feature-flags.ts'
import { partMetric, sumOf } from './metrics.ts'
import type { Part } from './part.ts'
import { PartFunction } from './part-function.ts'
import { warnOfLargeState } from './state-size.ts'
import { consume } from './stream-consumer.ts'
import type { Streams } from './streams.ts'

export type AnalyticsProps = {
  readonly config: Config
  readonly streams: Streams
  readonly flags: FeatureFlags
  readonly indicatorState: ITableV2
  readonly deadLetters: DeadLetterBucket
}

/** Computes `signals` from `bars`. May touch: the table `indicator-state`, the stream `signals`. */
export class Analytics extends Construct implements Part {
  readonly function: PartFunction
  readonly alarms: readonly Alarm[]
  readonly failures: IMetric
  readonly givenUp: readonly Metric[]

  constructor(scope: Construct, id: string, props: AnalyticsProps) {
    super(scope, id)
    const { config, streams, flags, indicatorState, deadLetters } = props
    warnOfLargeState(this, config)
    const environment: AnalyticsEnvironment = {
      INDICATOR_STATE_TABLE: indicatorState.tableName,
      SIGNALS_STREAM: streams.signals.streamName,
      FLAGS_PATH: flags.path,
      LATENESS_SECONDS: String(config.latenessSeconds),
      INDICATORS: config.indicators,
      PATTERNS: config.patterns,
      VWAP_ANCHOR: config.vwapAnchor,
    }
    this.function = new PartFunction(this, 'Function', {
      config,
      part: 'analytics',
      environment,
      timeout: Duration.seconds(60),
    })
    indicatorState.grant(
      this.function,
      'dynamodb:BatchGetItem',
      'dynamodb:PartiQLInsert',
      'dynamodb:PartiQLUpdate',
    )
    streams.signals.grant(this.function, 'kinesis:PutRecords')
    flags.grantRead(this.function, 'analytics')
    const consumption = consume(streams.bars, this.function, { config, deadLetters, tries: 'counted' })
    this.givenUp = [consumption.dropped]
    const batches = partMetric(config, 'analytics', { name: 'BatchesFailed' })
    const faults = partMetric(config, 'analytics', { name: 'ReadFaults' })
    this.failures = sumOf({ batches, faults }, 'failed')
    this.alarms = consumerAlarms(this.function, { consumptions: [consumption], failures: this.failures })
  }
}
