import { Duration, Stack } from 'aws-cdk-lib'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { CfnRotationSchedule, type ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'

import type { PartFunction } from './part-function.ts'

export type RotationProps = {
  /** Does the steps. */
  readonly migrator: PartFunction
  readonly secrets: Readonly<Record<string, ISecret>>
  readonly days: number
}

/** Changes the passwords of the database every so many days. */
export class Rotation extends Construct {
  constructor(scope: Construct, id: string, { migrator, secrets, days }: RotationProps) {
    super(scope, id)
    const resources = Object.values(secrets).map(({ secretArn }) => secretArn)
    migrator.addToRolePolicy(
      new PolicyStatement({
        actions: [
          'secretsmanager:DescribeSecret',
          'secretsmanager:PutSecretValue',
          'secretsmanager:UpdateSecretVersionStage',
        ],
        resources,
      }),
    )
    const mayCall = migrator.live.grantInvoke(
      new ServicePrincipal('secretsmanager.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    )
    for (const [name, secret] of Object.entries(secrets)) {
      const schedule = new CfnRotationSchedule(this, name, {
        secretId: secret.secretArn,
        rotationLambdaArn: migrator.live.functionArn,
        rotationRules: { scheduleExpression: `rate(${Duration.days(days).toDays()} days)`, duration: '2h' },
        // The migrations have set the password a moment ago.
        rotateImmediatelyOnUpdate: false,
      })
      mayCall.applyBefore(schedule)
    }
  }
}
