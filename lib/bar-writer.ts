import { Duration } from 'aws-cdk-lib'
import type { Alarm, IMetric, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { Construct } from 'constructs'

import type { BarWriterEnvironment } from '../functions/bar-writer/env.ts'
import { consumerAlarms, createAlarm } from './alarms.ts'
import type { Config } from './config/config.ts'
import type { DeadLetterBucket } from './dead-letter-bucket.ts'
import { partMetric } from './metrics.ts'
import type { Part } from './part.ts'
import { accessOf, grantAccess } from './database-access.ts'
import type { Database } from './database.ts'
import { LATENCY_MS } from './latency-target.ts'
import { PartFunction } from './part-function.ts'
import { consume } from './stream-consumer.ts'
import type { Streams } from './streams.ts'

export type BarWriterProps = {
  readonly config: Config
  readonly streams: Streams
  readonly database: Database
  readonly deadLetters: DeadLetterBucket
}

/** Writes `bars` and `signals` to Postgres. May touch: the write-role secret, `rejected/` of the bucket. */
export class BarWriter extends Construct implements Part {
  readonly function: PartFunction
  readonly alarms: readonly Alarm[]
  readonly failures: IMetric
  readonly givenUp: readonly Metric[]

  constructor(scope: Construct, id: string, { config, streams, database, deadLetters }: BarWriterProps) {
    super(scope, id)
    const environment: BarWriterEnvironment = {
      ...accessOf(database, 'write'),
      ...database.tls,
      LATENCY: config.latency,
      DEAD_LETTER_BUCKET: deadLetters.bucketName,
    }
    this.function = new PartFunction(this, 'Function', {
      config,
      part: 'bar-writer',
      environment,
      placement: database.placement,
      reservedConcurrency: config.barWriterConcurrency,
      timeout: Duration.seconds(60),
    })
    grantAccess(database, 'write', this.function)
    deadLetters.grantReject(this.function)
    // An unavailable database fails every record: no number of retries may drop bars.
    const options = { config, deadLetters, tries: 'until-too-old' } as const
    const consumptions = [streams.bars, streams.signals].map((stream) =>
      consume(stream, this.function, options),
    )
    const refused = partMetric(config, 'bar-writer', { name: 'BarsRefused' })
    this.givenUp = [...consumptions.map(({ dropped }) => dropped), refused]
    this.failures = partMetric(config, 'bar-writer', { name: 'ReadFaults' })
    this.alarms = [
      ...consumerAlarms(this.function, {
        consumptions,
        failures: this.failures,
      }),
      ...createAlarm(this, config, {
        name: 'bar-latency',
        says: `One bar in a hundred takes more than ${LATENCY_MS[config.latency] / 1000} s from its close to its row.`,
        metric: partMetric(config, 'bar-writer', { name: 'BarLatency', statistic: 'p99' }),
        above: LATENCY_MS[config.latency],
      }),
      ...createAlarm(this, config, {
        name: 'bars-refused',
        says: 'Bars that the database will never take are in the dead-letter bucket.',
        metric: refused,
        above: 0,
        periods: [1, 1],
      }),
    ]
  }
}
