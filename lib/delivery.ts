import { Validations } from 'aws-cdk-lib'
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'

import { tellsOfNewCode } from './alarms.ts'
import type { Config } from './config.ts'
import type { Part } from './part.ts'

export type DeliveryProps = { readonly config: Config; readonly parts: readonly Part[] }

/**
 * New code of a part gets a tenth of its invocations for five minutes. When the part is in alarm meanwhile, all
 * invocations go back to the old code, and the deployment fails and is rolled back as a whole.
 */
export class Delivery extends Construct {
  constructor(scope: Construct, id: string, { config, parts }: DeliveryProps) {
    super(scope, id)
    const application = new LambdaApplication(this, 'Application', {
      applicationName: `tickstock-${config.stage}`,
    })
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('codedeploy.amazonaws.com') })
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
      reason: 'What CodeDeploy needs to shift an alias is for AWS to say.',
    })
    for (const { function: fn, alarms } of parts) {
      if (fn.alias === undefined) continue
      new LambdaDeploymentGroup(this, fn.part, {
        application,
        role,
        deploymentGroupName: fn.part,
        alias: fn.alias,
        alarms: alarms.filter((alarm) => tellsOfNewCode(alarm, fn)),
        deploymentConfig: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
        autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
      })
    }
  }
}
