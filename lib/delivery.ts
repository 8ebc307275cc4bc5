import { Duration, Validations } from 'aws-cdk-lib'
import {
  LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
  TimeBasedCanaryTrafficRouting,
} from 'aws-cdk-lib/aws-codedeploy'
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { CfnAlias } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import { tellsOfNewCode } from './alarms.ts'
import type { Config } from './config/config.ts'
import { newCodeAlarm } from './new-code-alarm.ts'
import type { Part } from './part.ts'

export type DeliveryProps = { readonly config: Config; readonly parts: readonly Part[] }

/** Called once a minute: a tenth of that is not even one call. */
const SELDOM_CALLED = new Set(['sweeper', 'jobs', 'synthetic-feed'])

/**
 * New code of a part gets a tenth of its invocations for five minutes, or half of few. When it fails, or the part is in alarm
 * meanwhile, all invocations go back to the old code, and the deployment fails and is rolled back as a whole.
 */
export class Delivery extends Construct {
  constructor(scope: Construct, id: string, { config, parts }: DeliveryProps) {
    super(scope, id)
    const application = new LambdaApplication(this, 'Application', {
      applicationName: nameOf(config),
    })
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('codedeploy.amazonaws.com') })
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
      reason: 'What CodeDeploy needs to shift an alias is for AWS to say.',
    })
    const half = new LambdaDeploymentConfig(this, 'Half', {
      deploymentConfigName: `${nameOf(config)}-half-5-minutes`,
      trafficRouting: new TimeBasedCanaryTrafficRouting({ interval: Duration.minutes(5), percentage: 50 }),
    })
    for (const part of parts) {
      const { function: fn, alarms } = part
      if (fn.alias === undefined) continue
      const ofVersion = newCodeAlarm(this, part)
      // The alias alone: what is below it, as event source mappings, need not wait.
      const { defaultChild } = fn.alias.node
      for (const { node } of ofVersion)
        if (defaultChild instanceof CfnAlias && node.defaultChild instanceof CfnAlarm)
          defaultChild.addResourceDependency(node.defaultChild)
      new LambdaDeploymentGroup(this, fn.part, {
        application,
        role,
        deploymentGroupName: fn.part,
        alias: fn.alias,
        alarms: [...ofVersion, ...alarms.filter((alarm) => tellsOfNewCode(alarm, fn))],
        deploymentConfig: SELDOM_CALLED.has(fn.part)
          ? half
          : LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
        autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
      })
    }
  }
}
