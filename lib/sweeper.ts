import { Duration } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Construct } from 'constructs'

import type { SweeperEnvironment } from '../functions/sweeper/env.ts'
import { createAlarm, functionAlarms } from './alarms.ts'
import { deliverySeconds } from './batching.ts'
import type { Config } from './config/config.ts'
import { callEachMinute } from './each-minute.ts'
import type { FeatureFlags } from './feature-flags.ts'
import type { Part } from './part.ts'
import { PartFunction } from './part-function.ts'
import type { Streams } from './streams.ts'

export type SweeperProps = {
  readonly config: Config
  readonly streams: Streams
  readonly flags: FeatureFlags
  readonly minuteState: ITableV2
}

/** It mostly waits, which costs as much as work. */
export const SWEEPER_MEMORY = { lowest: 512, low: 512, economy: 256 } as const

/** Closes the open bars of past minutes, each minute. May touch: the table `minute-state`, the stream `bars`. */
export class Sweeper extends Construct implements Part {
  readonly function: PartFunction
  readonly alarms: readonly Alarm[]

  constructor(scope: Construct, id: string, props: SweeperProps) {
    super(scope, id)
    const { config, streams, flags, minuteState } = props
    const environment: SweeperEnvironment = {
      MINUTE_STATE_TABLE: minuteState.tableName,
      BARS_STREAM: streams.bars.streamName,
      FLAGS_PATH: flags.path,
      TRADING_HOURS: config.tradingHours,
      LATENESS_SECONDS: String(config.latenessSeconds),
      GRACE_MS: String(config.graceMs),
      DELIVERY_MS: String(deliverySeconds(config.latency) * 1000),
    }
    this.function = new PartFunction(this, 'Function', {
      config,
      part: 'sweeper',
      environment,
      // It waits for up to a minute: the schedule fires at any second of it.
      timeout: Duration.minutes(2),
      memorySize: SWEEPER_MEMORY[config.latency],
    })
    // It changes states that there are, and makes none.
    minuteState.grant(this.function, 'dynamodb:Scan', 'dynamodb:BatchGetItem', 'dynamodb:PartiQLUpdate')
    streams.bars.grant(this.function, 'kinesis:PutRecords')
    flags.grantRead(this.function, 'aggregation')
    this.alarms = [
      ...functionAlarms(this.function),
      ...createAlarm(this, config, {
        name: 'sweeper-silent',
        says: 'The sweeper has not been called for five minutes.',
        metric: this.function.metricInvocations({ period: Duration.minutes(1) }),
        below: 1,
        periods: [5, 5],
        silence: 'wrong',
      }),
    ]
    callEachMinute(this, this.function, { type: 'sweep' })
  }
}
