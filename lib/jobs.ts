import { ArnFormat, Duration, Stack } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { JobsEnvironment } from '../functions/jobs/env.ts'
import { createAlarm, functionAlarms } from './alarms.ts'
import { type Config, isOnAws } from './config/config.ts'
import { partMetric } from './metrics.ts'
import type { Part } from './part.ts'
import { PartFunction } from './part-function.ts'
import type { Rebuilder } from './rebuilder.ts'
import { removalPolicyOf } from './removal-policy.ts'

export type JobsProps = { readonly config: Config; readonly rebuilder: Rebuilder }

/**
 * Takes jobs from operators, and runs their tasks. May touch: the table `jobs`; it starts the rebuilder, and itself when a
 * job is submitted.
 */
export class Jobs extends Construct implements Part {
  readonly function: PartFunction
  readonly alarms: readonly Alarm[]
  readonly table: TableV2

  constructor(scope: Construct, id: string, { config, rebuilder }: JobsProps) {
    super(scope, id)
    this.table = new TableV2(this, 'Table', {
      tableName: `${nameOf(config)}-jobs`,
      partitionKey: { name: 'kind', type: AttributeType.STRING },
      sortKey: { name: 'id', type: AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
      billing: Billing.onDemand(),
      removalPolicy: removalPolicyOf(config),
      ...(config.deletionProtection === 'on' && {
        deletionProtection: true,
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      }),
    })
    const callable = (part: string) => `${nameOf(config)}-${part}${isOnAws(config) ? ':live' : ''}`
    const environment: JobsEnvironment = {
      JOBS_TABLE: this.table.tableName,
      REBUILDER_FUNCTION: callable('rebuilder'),
      JOBS_FUNCTION: callable('jobs'),
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
    for (const part of ['rebuilder', 'jobs']) this.#mayInvoke(callable(part))
    this.node.addDependency(rebuilder)
    // Nobody waits for these calls, and the next one comes in a minute.
    this.function.live.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) })
    new Rule(this, 'EachMinute', {
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [
        new LambdaFunction(this.function.live, { event: RuleTargetInput.fromObject({ type: 'run' }) }),
      ],
    })
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

  /** By name: a reference to itself would be circular. */
  #mayInvoke(name: string): void {
    const resource = Stack.of(this).formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: name,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    })
    this.function.addToRolePolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [resource] }),
    )
  }
}
