import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'

/** A part of the system, with an alarm for each way in which it can fail; none in stage `local`. */
export interface Part {
  readonly alarms: readonly Alarm[]
}
