import { Duration } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import type { DatabaseInstance } from 'aws-cdk-lib/aws-rds'
import type { Construct } from 'constructs'

import { createAlarm } from './alarms.ts'
import type { Config } from './config.ts'

const PERIOD = { period: Duration.minutes(1) }

export type DatabaseAlarmsProps = {
  readonly config: Config
  readonly instance: DatabaseInstance
  /** Its limit of connections. */
  readonly connections: number
}

/** The alarms of the database. */
export function databaseAlarms(
  scope: Construct,
  { config, instance, connections }: DatabaseAlarmsProps,
): Alarm[] {
  // RDS adds storage when a tenth is free; half of that means that it could not.
  const leastFreeGib = config.databaseStorageGib / 20
  return [
    ...createAlarm(scope, config, {
      name: 'database-cpu',
      says: 'The database is busy for more than 80 % of the time.',
      metric: instance.metricCPUUtilization(PERIOD),
      above: 80,
      periods: [10, 15],
    }),
    ...createAlarm(scope, config, {
      name: 'database-storage',
      says: `The database has less than ${leastFreeGib} GiB free, and it has not grown by itself.`,
      metric: instance.metricFreeStorageSpace(PERIOD),
      below: leastFreeGib * 2 ** 30,
    }),
    ...createAlarm(scope, config, {
      name: 'database-connections',
      says: `The database has more than 80 % of its ${connections} connections in use.`,
      metric: instance.metricDatabaseConnections(PERIOD),
      above: connections * 0.8,
    }),
  ]
}
