import { Duration } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import { EventField } from 'aws-cdk-lib/aws-events'
import { Construct } from 'constructs'

import type { SyntheticFeedEnvironment } from '../functions/synthetic-feed/env.ts'
import { functionAlarms } from './alarms.ts'
import type { Config } from './config/config.ts'
import { callEachMinute } from './each-minute.ts'
import type { Part } from './part.ts'
import { PartFunction } from './part-function.ts'
import type { Streams } from './streams.ts'

export type SyntheticFeedProps = { readonly config: Config; readonly streams: Streams }

/** A market to try the system with: a minute's trades each minute. May touch: put on the stream `ticks`. */
export class SyntheticFeed extends Construct implements Part {
  readonly function: PartFunction
  readonly alarms: readonly Alarm[]

  constructor(scope: Construct, id: string, { config, streams }: SyntheticFeedProps) {
    super(scope, id)
    const environment: SyntheticFeedEnvironment = {
      TICKS_STREAM: streams.ticks.streamName,
      SYMBOLS: String(config.syntheticSymbols),
    }
    this.function = new PartFunction(this, 'Function', {
      config,
      part: 'synthetic-feed',
      environment,
      // It waits for up to a minute: the schedule fires at any second of it.
      timeout: Duration.minutes(2),
    })
    streams.ticks.grant(this.function, 'kinesis:PutRecords')
    this.alarms = functionAlarms(this.function)
    callEachMinute(this, this.function, { type: 'put-minute', time: EventField.time })
  }
}
