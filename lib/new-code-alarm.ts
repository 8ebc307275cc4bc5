import { Duration } from 'aws-cdk-lib'
import { type Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'

import { createAlarm } from './alarms.ts'
import { sumOf } from './metrics.ts'
import type { Part } from './part.ts'

/**
 * Rings at the first fault of the version that a deployment brings: Lambda counts the invocations of an alias by the version that
 * ran. A part's other alarms wait for several minutes with faults, of all versions together, of which a canary has few. The faults
 * that a part counts itself have no version.
 */
export function newCodeAlarm(scope: Construct, { function: fn, failures }: Part): Alarm[] {
  const errors = new Metric({
    namespace: 'AWS/Lambda',
    metricName: 'Errors',
    dimensionsMap: {
      FunctionName: fn.functionName,
      // Its name, not the alias: the alias waits for this alarm, which is to know the new version first.
      Resource: `${fn.functionName}:live`,
      ExecutedVersion: fn.currentVersion.version,
    },
    statistic: 'Sum',
    period: Duration.minutes(1),
  })
  return createAlarm(scope, fn.config, {
    name: `${fn.part}-new-code`,
    section: 'new-code',
    says: `The newest version of the function ${fn.part} fails.`,
    metric: failures === undefined ? errors : sumOf({ errors, failures }, 'failed'),
    above: 0,
    periods: [1, 1],
  })
}
