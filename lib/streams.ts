import { Duration } from 'aws-cdk-lib'
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis'
import { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { Config } from './config/config.ts'
import { removalPolicyOf } from './removal-policy.ts'

/** The streams between the parts; the partition key is the symbol in each. */
export class Streams extends Construct {
  readonly ticks: Stream
  readonly bars: Stream
  readonly signals: Stream

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id)
    const make = (name: string, shardCount: number): Stream =>
      new Stream(this, name, {
        streamName: `${nameOf(config)}-${name.toLowerCase()}`,
        ...(config.streamMode === 'on-demand'
          ? { streamMode: StreamMode.ON_DEMAND }
          : { streamMode: StreamMode.PROVISIONED, shardCount }),
        retentionPeriod: Duration.hours(config.streamRetentionHours),
        encryption: StreamEncryption.MANAGED,
        removalPolicy: removalPolicyOf(config),
      })
    this.ticks = make('Ticks', config.tickShards)
    this.bars = make('Bars', config.barShards)
    this.signals = make('Signals', config.signalShards)
  }
}
