import { Duration } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import { Construct } from 'constructs'

import type { RebuilderEnvironment } from '../functions/rebuilder/env.ts'
import { functionAlarms } from './alarms.ts'
import type { Archive } from './archive.ts'
import type { Config } from './config.ts'
import type { Database } from './database.ts'
import type { Part } from './part.ts'
import { PartFunction } from './part-function.ts'
import type { Streams } from './streams.ts'

export type RebuilderProps = {
  readonly config: Config
  readonly streams: Streams
  readonly database: Database
  readonly archive: Archive
}

/** Makes bars again from the archive. May touch: read the archive, the read-role secret, put to `bars`. */
export class Rebuilder extends Construct implements Part {
  readonly function: PartFunction
  readonly alarms: readonly Alarm[]

  constructor(scope: Construct, id: string, { config, streams, database, archive }: RebuilderProps) {
    super(scope, id)
    const environment: RebuilderEnvironment = {
      ARCHIVE_BUCKET: archive.bucketName,
      BARS_STREAM: streams.bars.streamName,
      READ_SECRET_ARN: database.read.secretArn,
      ...database.tls,
      LATENESS_SECONDS: String(config.latenessSeconds),
    }
    this.function = new PartFunction(this, 'Function', {
      config,
      part: 'rebuilder',
      environment,
      placement: database.placement,
      timeout: Duration.minutes(15),
      memorySize: 1769,
    })
    archive.grantReadTrades(this.function)
    streams.bars.grant(this.function, 'kinesis:PutRecords')
    database.read.grantRead(this.function)
    this.alarms = functionAlarms(this.function, { periods: [1, 1] })
  }
}
