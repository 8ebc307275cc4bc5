import { Duration, Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { CfnPermission } from 'aws-cdk-lib/aws-lambda'
import { CfnRotationSchedule, type ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'

import type { PartFunction } from './part-function.ts'

export type RotationProps = {
  /** Runs the steps of a rotation. */
  readonly migrator: PartFunction
  readonly secrets: Readonly<Record<string, ISecret>>
  readonly days: number
}

/** Rotates the passwords of the database, every `rotationDays`. */
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
    // Not by grantInvoke: with a condition its name would change with any change of the stack.
    const mayCall = new CfnPermission(this, 'MayCall', {
      action: 'lambda:InvokeFunction',
      functionName: migrator.live.functionArn,
      principal: 'secretsmanager.amazonaws.com',
      sourceAccount: Stack.of(this).account,
    })
    for (const [name, secret] of Object.entries(secrets)) {
      const schedule = new CfnRotationSchedule(this, name, {
        secretId: secret.secretArn,
        rotationLambdaArn: migrator.live.functionArn,
        rotationRules: { scheduleExpression: `rate(${Duration.days(days).toDays()} days)`, duration: '2h' },
        // The migrations have just set the password.
        rotateImmediatelyOnUpdate: false,
      })
      schedule.node.addDependency(mayCall)
    }
  }
}
