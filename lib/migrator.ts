import { fileURLToPath } from 'node:url'

import { CustomResource, Duration, FileSystem } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import { CfnFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import * as z from 'zod'

import type { MigratorEnvironment } from '../functions/migrator/env.ts'
import { functionAlarms } from './alarms.ts'
import { type Config, isOnAws } from './config/config.ts'
import type { Part } from './part.ts'
import type { Database } from './database.ts'
import { PartFunction } from './part-function.ts'
import { Rotation } from './rotation.ts'

/** The function answers or fails within this time, in minutes: the longest that Lambda has, for migrations of large tables. */
const TIMEOUT = 15

const codeSchema = z.object({ s3Key: z.string() })

const MIGRATIONS = fileURLToPath(new URL('../functions/migrator/migrations', import.meta.url))

export type MigratorProps = { readonly config: Config; readonly database: Database }

/**
 * Brings the database up to date at each deployment that changes it, keeps its partitions, changes the passwords. May
 * touch: the owner secret; and the secrets of the two roles, whose passwords only the owner can set.
 */
export class Migrator extends Construct implements Part {
  readonly function: PartFunction
  readonly alarms: readonly Alarm[]
  /** What needs the tables depends on this. */
  readonly migrated: CustomResource

  constructor(scope: Construct, id: string, { config, database }: MigratorProps) {
    super(scope, id)
    const environment: MigratorEnvironment = {
      OWNER_SECRET_ARN: database.owner.secretArn,
      WRITE_SECRET_ARN: database.write.secretArn,
      READ_SECRET_ARN: database.read.secretArn,
      DATABASE_ACCESS: config.databaseAccess,
      ...database.ownerTls,
      RETENTION_DAYS: String(config.barRetentionDays),
      PARTITIONS_AHEAD: String(config.partitionDaysAhead),
    }
    this.function = new PartFunction(this, 'Function', {
      config,
      part: 'migrator',
      environment,
      placement: database.placement,
      timeout: Duration.minutes(TIMEOUT),
      besides: ['migrations'],
    })
    for (const secret of [database.owner, database.write, database.read]) secret.grantRead(this.function)
    this.migrated = new CustomResource(this, 'Migrated', {
      resourceType: 'Custom::Migrated',
      serviceToken: this.function.functionArn,
      // Without it CloudFormation waits an hour for a function that cannot start.
      serviceTimeout: Duration.minutes(TIMEOUT + 1),
      // It runs when one of these changes.
      properties: {
        migrations: FileSystem.fingerprint(MIGRATIONS),
        code: codeOf(this.function),
        host: database.identity.host,
        database: database.identity.name,
        ...(config.databaseAccess === 'iam' && { access: 'iam' }),
        retentionDays: environment.RETENTION_DAYS,
        partitionsAhead: environment.PARTITIONS_AHEAD,
      },
    })
    this.migrated.node.addDependency(database.ready)
    if (isOnAws(config) && config.rotationDays > 0) {
      const { owner, write, read } = database
      new Rotation(this, 'Rotation', {
        migrator: this.function,
        // The password of the owner of an existing database is its owner's business.
        secrets: {
          ...(config.databaseSecretArn === undefined && { Owner: owner }),
          Write: write,
          Read: read,
        },
        days: config.rotationDays,
      }).node.addDependency(this.migrated)
    }
    // It runs once a day: one failure needs attention.
    this.alarms = functionAlarms(this.function, { periods: [1, 1] })
    new Rule(this, 'EachDay', {
      schedule: Schedule.rate(Duration.days(1)),
      targets: [
        new LambdaFunction(this.function.live, { event: RuleTargetInput.fromObject({ type: 'maintain' }) }),
      ],
    })
  }
}

/** The asset of the function's code: a hash of it. */
function codeOf({ node }: PartFunction): string {
  const { defaultChild } = node
  const code = defaultChild instanceof CfnFunction ? codeSchema.safeParse(defaultChild.code) : undefined
  if (code?.success !== true) throw new Error(`${node.path} has no code in a bucket`)
  return code.data.s3Key
}
