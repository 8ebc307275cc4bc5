import type { Alarm, IMetric, Metric } from 'aws-cdk-lib/aws-cloudwatch'

import type { PartFunction } from './part-function.ts'

/** A part of the system: its function, and an alarm for each way in which it can fail (none in stage `local`). */
export interface Part {
  readonly function: PartFunction
  readonly alarms: readonly Alarm[]
  /** Faults that it counts and that are no failed invocation. */
  readonly failures?: IMetric
  /** How many records it dead-lettered, which an operator has to look at. */
  readonly givenUp?: readonly Metric[]
}
