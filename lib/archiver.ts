import { Duration } from 'aws-cdk-lib'
import type { Alarm, IMetric, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { Construct } from 'constructs'

import type { ArchiverEnvironment } from '../functions/archiver/env.ts'
import { consumerAlarms } from './alarms.ts'
import type { Archive } from './archive.ts'
import { ARCHIVE_BATCH_SIZE } from './batching.ts'
import type { Config } from './config/config.ts'
import type { DeadLetterBucket } from './dead-letter-bucket.ts'
import type { FeatureFlags } from './feature-flags.ts'
import { partMetric } from './metrics.ts'
import type { Part } from './part.ts'
import { PartFunction } from './part-function.ts'
import { consume } from './stream-consumer.ts'
import type { Streams } from './streams.ts'

export type ArchiverProps = {
  readonly config: Config
  readonly streams: Streams
  readonly flags: FeatureFlags
  readonly archive: Archive
  readonly deadLetters: DeadLetterBucket
}

/** Writes `ticks` to Parquet objects. May touch: put objects of the bucket `archive`. */
export class Archiver extends Construct implements Part {
  readonly function: PartFunction
  readonly alarms: readonly Alarm[]
  readonly failures: IMetric
  readonly givenUp: readonly Metric[]

  constructor(scope: Construct, id: string, props: ArchiverProps) {
    super(scope, id)
    const { config, streams, flags, archive, deadLetters } = props
    const environment: ArchiverEnvironment = {
      ARCHIVE_BUCKET: archive.bucketName,
      FLAGS_PATH: flags.path,
      NON_POSITIVE_PRICES: config.nonPositivePrices,
    }
    this.function = new PartFunction(this, 'Function', {
      config,
      part: 'archiver',
      environment,
      // A batch of history may have trades of thousands of hours, an object each.
      timeout: Duration.minutes(5),
      memorySize: 1024,
    })
    archive.grantArchive(this.function)
    flags.grantRead(this.function, 'archive')
    // Nothing in a record can fail, only the bucket can: no number of retries may leave a hole.
    const consumption = consume(streams.ticks, this.function, {
      config,
      deadLetters,
      tries: 'until-too-old',
      batches: { size: ARCHIVE_BATCH_SIZE, windowSeconds: config.archiveWindowSeconds },
    })
    this.givenUp = [consumption.dropped]
    this.failures = partMetric(config, 'archiver', { name: 'ReadFaults' })
    this.alarms = consumerAlarms(this.function, {
      consumptions: [consumption],
      failures: this.failures,
      batchedSeconds: config.archiveWindowSeconds,
    })
  }
}
