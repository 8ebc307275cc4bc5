import { Duration } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Construct } from 'constructs'

import type { RebuilderEnvironment } from '../functions/rebuilder/env.ts'
import { functionAlarms } from './alarms.ts'
import type { Archive } from './archive.ts'
import type { Config } from './config/config.ts'
import { accessOf, grantAccess } from './database-access.ts'
import type { Database } from './database.ts'
import type { Exports } from './exports.ts'
import type { Part } from './part.ts'
import { PartFunction } from './part-function.ts'
import type { Streams } from './streams.ts'

export type RebuilderProps = {
  readonly config: Config
  readonly streams: Streams
  readonly database: Database
  readonly archive: Archive
  readonly indicatorState: ITableV2
  readonly exports: Exports
}

/**
 * Makes bars again from the archive, and indicators and patterns from bars, and exports bars. May touch: read the archive, the
 * read-role secret, `indicator-state`, put to `bars` and `signals`, put exports.
 */
export class Rebuilder extends Construct implements Part {
  readonly function: PartFunction
  readonly alarms: readonly Alarm[]

  constructor(scope: Construct, id: string, props: RebuilderProps) {
    super(scope, id)
    const { config, streams, database, archive, indicatorState, exports } = props
    const environment: RebuilderEnvironment = {
      ARCHIVE_BUCKET: archive.bucketName,
      EXPORTS_BUCKET: exports.bucketName,
      BARS_STREAM: streams.bars.streamName,
      ...accessOf(database, 'read'),
      ...database.tls,
      LATENESS_SECONDS: String(config.latenessSeconds),
      SIGNALS_STREAM: streams.signals.streamName,
      INDICATOR_STATE_TABLE: indicatorState.tableName,
      INDICATORS: config.indicators,
      PATTERNS: config.patterns,
      VWAP_ANCHOR: config.vwapAnchor,
      TRADING_HOURS: config.tradingHours,
    }
    this.function = new PartFunction(this, 'Function', {
      config,
      part: 'rebuilder',
      environment,
      placement: database.placement,
      // The part `jobs` waits for it, in calls of 15 minutes.
      timeout: Duration.minutes(12),
      memorySize: 1769,
    })
    archive.grantReadTrades(this.function)
    exports.grantExport(this.function)
    streams.bars.grant(this.function, 'kinesis:PutRecords')
    streams.signals.grant(this.function, 'kinesis:PutRecords')
    indicatorState.grant(
      this.function,
      'dynamodb:BatchGetItem',
      'dynamodb:PartiQLInsert',
      'dynamodb:PartiQLUpdate',
    )
    grantAccess(database, 'read', this.function)
    this.alarms = functionAlarms(this.function, { periods: [1, 1] })
  }
}
