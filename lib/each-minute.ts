import { Duration } from 'aws-cdk-lib'
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import type { Construct } from 'constructs'

import type { PartFunction } from './part-function.ts'

/** Calls a function with an event each minute, at any second of it. */
export function callEachMinute(
  scope: Construct,
  { live }: PartFunction,
  event: Readonly<Record<string, string>>,
): void {
  new Rule(scope, 'EachMinute', {
    schedule: Schedule.rate(Duration.minutes(1)),
    targets: [new LambdaFunction(live, { event: RuleTargetInput.fromObject(event) })],
  })
}
