import { Duration } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import { AttributeType, type TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Construct } from 'constructs'

import type { JobsEnvironment } from '../functions/jobs/env.ts'
import { createAlarm, functionAlarms } from './alarms.ts'
import type { Config } from './config/config.ts'
import { callEachMinute } from './each-minute.ts'
import type { Exports } from './exports.ts'
import { grantInvokeByName, invokedName } from './invoke-by-name.ts'
import { KeptTable } from './kept-table.ts'
import { partMetric } from './metrics.ts'
import type { Part } from './part.ts'
import { PartFunction } from './part-function.ts'
import type { Rebuilder } from './rebuilder.ts'

export type JobsProps = { readonly config: Config; readonly rebuilder: Rebuilder; readonly exports: Exports }

/**
 * Takes jobs from operators, and runs their tasks. May touch: the table `jobs`, and read exports, for the links that
 * it signs; it starts the rebuilder, and itself when a job is submitted.
 */
export class Jobs extends Construct implements Part {
  readonly function: PartFunction
  readonly alarms: readonly Alarm[]
  readonly table: TableV2

  constructor(scope: Construct, id: string, { config, rebuilder, exports }: JobsProps) {
    super(scope, id)
    this.table = new KeptTable(this, 'Table', {
      config,
      name: 'jobs',
      partitionKey: { name: 'kind', type: AttributeType.STRING },
      sortKey: { name: 'id', type: AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
    })
    const [rebuilderName, own] = [invokedName(config, 'rebuilder'), invokedName(config, 'jobs')]
    const environment: JobsEnvironment = {
      JOBS_TABLE: this.table.tableName,
      REBUILDER_FUNCTION: rebuilderName,
      JOBS_FUNCTION: own,
      EXPORTS_BUCKET: exports.bucketName,
      EXPORT_DAYS: String(config.exportDays),
      JOB_CONCURRENCY: String(config.jobConcurrency),
      ACCESS: config.access,
    }
    this.function = new PartFunction(this, 'Function', {
      config,
      part: 'jobs',
      environment,
      // It waits for the rebuilder.
      timeout: Duration.minutes(15),
    })
    this.table.grant(
      this.function,
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:Query',
    )
    exports.grantLink(this.function)
    for (const name of [rebuilderName, own]) grantInvokeByName(this.function, name)
    this.node.addDependency(rebuilder)
    // Nobody waits for these calls, and the next one comes in a minute.
    this.function.live.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) })
    callEachMinute(this, this.function, { type: 'run' })
    this.alarms = [
      ...functionAlarms(this.function),
      ...createAlarm(this, config, {
        name: 'jobs-failed',
        says: 'A job has ended, and tasks of it have failed.',
        metric: partMetric(config, 'jobs', { name: 'JobsFailed' }),
        above: 0,
        periods: [1, 1],
      }),
    ]
  }
}
