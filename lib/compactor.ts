import { Duration } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import { Construct } from 'constructs'

import type { CompactorEnvironment } from '../functions/compactor/env.ts'
import { functionAlarms } from './alarms.ts'
import type { Archive } from './archive.ts'
import type { Config } from './config/config.ts'
import type { Part } from './part.ts'
import { PartFunction } from './part-function.ts'

export type CompactorProps = { readonly config: Config; readonly archive: Archive }

/** Merges the small objects of the archive each hour. May touch: read, put and delete objects of the bucket `archive`. */
export class Compactor extends Construct implements Part {
  readonly function: PartFunction
  readonly alarms: readonly Alarm[]

  constructor(scope: Construct, id: string, { config, archive }: CompactorProps) {
    super(scope, id)
    const environment: CompactorEnvironment = { ARCHIVE_BUCKET: archive.bucketName }
    this.function = new PartFunction(this, 'Function', {
      config,
      part: 'compactor',
      environment,
      timeout: Duration.minutes(15),
      memorySize: 3008,
    })
    archive.grantCompact(this.function)
    // It comes once an hour.
    this.alarms = functionAlarms(this.function, { periods: [1, 1] })
    new Rule(this, 'EachHour', {
      schedule: Schedule.rate(Duration.hours(1)),
      targets: [
        new LambdaFunction(this.function.live, { event: RuleTargetInput.fromObject({ type: 'compact' }) }),
      ],
    })
  }
}
