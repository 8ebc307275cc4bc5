import { Duration } from 'aws-cdk-lib'
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'

import type { AggregatorEnvironment } from '../functions/aggregator/env.ts'
import type { Config } from './config.ts'
import type { FeatureFlags } from './feature-flags.ts'
import { PartFunction } from './part-function.ts'
import { consume } from './stream-consumer.ts'
import type { Streams } from './streams.ts'

export type AggregatorProps = {
  readonly config: Config
  readonly streams: Streams
  readonly flags: FeatureFlags
  readonly minuteState: ITableV2
  readonly deadLetters: Bucket
}

/** Folds `ticks` into minutes. May touch: the table `minute-state`, the stream `bars`, `rejected/` of the bucket. */
export class Aggregator extends Construct {
  readonly function: PartFunction

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
    }
    this.function = new PartFunction(this, 'Function', {
      config,
      part: 'aggregator',
      environment,
      timeout: Duration.seconds(60),
    })
    minuteState.grant(this.function, 'dynamodb:BatchGetItem', 'dynamodb:PutItem')
    streams.bars.grant(this.function, 'kinesis:PutRecords')
    flags.grantRead(this.function, 'aggregation', 'late-corrections')
    deadLetters.grantPut(this.function, 'rejected/*')
    consume(streams.ticks, this.function, { config, deadLetters })
  }
}
