import { Duration } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import type { DatabaseInstance } from 'aws-cdk-lib/aws-rds'
import type { Construct } from 'constructs'

import { readInstanceClass } from '../functions/shared/cost/instance-class.ts'
import { createAlarm } from './alarms.ts'
import type { Config } from './config/config.ts'

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
  const { memoryGib } = readInstanceClass(config.databaseInstance)
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
    ...createAlarm(scope, config, {
      name: 'database-memory',
      says: `The database has less than 5 % of its ${memoryGib} GiB of memory free.`,
      metric: instance.metricFreeableMemory(PERIOD),
      below: (memoryGib * 2 ** 30) / 20,
      periods: [10, 15],
    }),
    ...(config.databaseInstance.startsWith('t') ? creditAlarm(scope, config, instance) : []),
  ]
}

/** Of an instance that may use more processor time than it pays for, until its credits are used up: a new one has none. */
function creditAlarm(scope: Construct, config: Config, instance: DatabaseInstance): Alarm[] {
  return createAlarm(scope, config, {
    name: 'database-credits',
    says: 'The database has had no CPU credits for an hour: what it uses above its baseline is charged.',
    // RDS reports it every five minutes.
    metric: instance.metric('CPUCreditBalance', { statistic: 'Average', period: Duration.minutes(5) }),
    below: 1,
    periods: [12, 12],
  })
}
