import { Duration } from 'aws-cdk-lib'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'

import type { BarWriterEnvironment } from '../functions/bar-writer/env.ts'
import type { Config } from './config.ts'
import type { Database } from './database.ts'
import { PartFunction } from './part-function.ts'
import { consume } from './stream-consumer.ts'
import type { Streams } from './streams.ts'

export type BarWriterProps = {
  readonly config: Config
  readonly streams: Streams
  readonly database: Database
  readonly deadLetters: Bucket
}

/** Writes `bars` to Postgres. May touch: the write-role secret, `rejected/` of the bucket. */
export class BarWriter extends Construct {
  readonly function: PartFunction

  constructor(scope: Construct, id: string, { config, streams, database, deadLetters }: BarWriterProps) {
    super(scope, id)
    const environment: BarWriterEnvironment = {
      WRITE_SECRET_ARN: database.write.secretArn,
      ...database.tls,
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
    database.write.grantRead(this.function)
    deadLetters.grantPut(this.function, 'rejected/*')
    consume(streams.bars, this.function, { config, deadLetters })
  }
}
