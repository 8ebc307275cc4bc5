import { Duration } from 'aws-cdk-lib'
import { type Alarm, MathExpression, type Metric, type IMetric } from 'aws-cdk-lib/aws-cloudwatch'
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Construct } from 'constructs'

import type { AggregatorEnvironment } from '../functions/aggregator/env.ts'
import { consumerAlarms, createAlarm } from './alarms.ts'
import type { Config } from './config/config.ts'
import type { DeadLetterBucket } from './dead-letter-bucket.ts'
import type { FeatureFlags } from './feature-flags.ts'
import { partMetric, sumOf } from './metrics.ts'
import type { Part } from './part.ts'
import { PartFunction } from './part-function.ts'
import { consume } from './stream-consumer.ts'
import type { Streams } from './streams.ts'

export type AggregatorProps = {
  readonly config: Config
  readonly streams: Streams
  readonly flags: FeatureFlags
  readonly minuteState: ITableV2
  readonly deadLetters: DeadLetterBucket
}

/** Folds `ticks` into bars. May touch: the table `minute-state`, the stream `bars`, `rejected/` of the bucket. */
export class Aggregator extends Construct implements Part {
  readonly function: PartFunction
  readonly alarms: readonly Alarm[]
  readonly failures: IMetric
  readonly givenUp: readonly Metric[]

  constructor(scope: Construct, id: string, props: AggregatorProps) {
    super(scope, id)
    const { config, streams, flags, minuteState, deadLetters } = props
    const environment: AggregatorEnvironment = {
      MINUTE_STATE_TABLE: minuteState.tableName,
      BARS_STREAM: streams.bars.streamName,
      DEAD_LETTER_BUCKET: deadLetters.bucketName,
      FLAGS_PATH: flags.path,
      LATENESS_SECONDS: String(config.latenessSeconds),
      GRACE_MS: String(config.graceMs),
      NON_POSITIVE_PRICES: config.nonPositivePrices,
    }
    this.function = new PartFunction(this, 'Function', {
      config,
      part: 'aggregator',
      environment,
      timeout: Duration.seconds(60),
    })
    minuteState.grant(
      this.function,
      'dynamodb:BatchGetItem',
      'dynamodb:PartiQLInsert',
      'dynamodb:PartiQLUpdate',
    )
    streams.bars.grant(this.function, 'kinesis:PutRecords')
    flags.grantRead(this.function, 'aggregation', 'late-corrections')
    deadLetters.grantReject(this.function)
    const consumption = consume(streams.ticks, this.function, { config, deadLetters, tries: 'counted' })
    const faults = partMetric(config, 'aggregator', { name: 'ReadFaults' })
    this.givenUp = [consumption.dropped, faults]
    const batches = partMetric(config, 'aggregator', { name: 'BatchesFailed' })
    this.failures = sumOf({ batches, faults }, 'failed')
    this.alarms = [
      ...consumerAlarms(this.function, { consumptions: [consumption], failures: this.failures }),
      ...this.#tickAlarms(config),
    ]
  }

  #tickAlarms(config: Config): Alarm[] {
    const processed = partMetric(config, 'aggregator', { name: 'TicksProcessed' })
    const rejected = partMetric(config, 'aggregator', { name: 'TicksRejected' })
    return [
      ...createAlarm(this, config, {
        name: 'ticks-rejected',
        says: 'More than 1 % of the ticks are refused.',
        metric: new MathExpression({
          expression: '100 * rejected / (processed + rejected)',
          usingMetrics: { processed, rejected },
          label: 'rejected (%)',
          period: Duration.minutes(1),
        }),
        above: 1,
      }),
      ...createAlarm(this, config, {
        name: 'state-conflicts',
        says: 'More than 20 writes a minute meet a state that is newer than the one just read.',
        metric: sumOf(
          {
            aggregator: partMetric(config, 'aggregator', { name: 'StateConflicts' }),
            sweeper: partMetric(config, 'sweeper', { name: 'StateConflicts' }),
          },
          'conflicts',
        ),
        above: 20,
      }),
    ]
  }
}
