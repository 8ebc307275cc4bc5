import { type Duration, RemovalPolicy } from 'aws-cdk-lib'
import {
  Alias,
  Architecture,
  CodeSigningConfig,
  Function as LambdaFunction,
  type IFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda'
import type { Role } from 'aws-cdk-lib/aws-iam'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { MeteredPart } from '../functions/shared/runtime/metric-names.ts'
import { bundledCode } from './bundled-code.ts'
import { type Config, isOnAws } from './config/config.ts'
import type { Placement } from './database.ts'
import { createFunctionRole } from './function-role.ts'
import { metricsNamespace } from './metrics.ts'

export type PartFunctionProps = {
  readonly config: Config
  /** The part's folder below `functions/`, and its name. */
  readonly part: MeteredPart
  /** All of the part's environment, of the type of the schema in its `env.ts`. */
  readonly environment: Readonly<Record<string, string>>
  readonly timeout: Duration
  /** @default 512 */
  readonly memorySize?: number
  /** Instances that may run at once. @default what the account has left */
  readonly reservedConcurrency?: number
  /** The network that it must run in. @default none */
  readonly placement?: Placement | undefined
  /** Folders of the part that its code reads when it runs. @default none */
  readonly besides?: readonly string[]
}

/** The function of a part, with what all parts have in common. */
export class PartFunction extends LambdaFunction {
  /** What event sources, rules and the API call: on AWS the alias that a deployment moves to new code. */
  readonly live: IFunction
  /** The same where it is an alias. */
  readonly alias: Alias | undefined
  readonly functionRole: Role
  readonly config: Config
  readonly part: MeteredPart

  constructor(scope: Construct, id: string, props: PartFunctionProps) {
    const { config, part } = props
    const functionName = `${nameOf(config)}-${part}`
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const role = createFunctionRole(scope, `${id}ServiceRole`, {
      logGroup,
      network: props.placement === undefined ? 'none' : 'own',
    })
    super(scope, id, {
      functionName,
      code: bundledCode(part, props.besides),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memorySize ?? 512,
      timeout: props.timeout,
      environment: {
        ...props.environment,
        POWERTOOLS_METRICS_NAMESPACE: metricsNamespace(config),
        NODE_OPTIONS: '--enable-source-maps',
      },
      tracing: isOnAws(config) && config.tracing === 'on' ? Tracing.ACTIVE : Tracing.DISABLED,
      ...(props.reservedConcurrency && { reservedConcurrentExecutions: props.reservedConcurrency }),
      ...props.placement,
      // For rollback: docs/rollback.md. But not of a deployment that is rolled back: Lambda publishes no version that
      // equals the newest, so the same code could not be deployed again.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE },
      logGroup,
      role,
      ...(config.codeSigningConfigArn !== undefined && {
        codeSigningConfig: CodeSigningConfig.fromCodeSigningConfigArn(
          scope,
          `${id}CodeSigning`,
          config.codeSigningConfigArn,
        ),
      }),
    })
    this.functionRole = role
    this.config = config
    this.part = part
    this.alias = isOnAws(config)
      ? new Alias(this, 'Live', { aliasName: 'live', version: this.currentVersion })
      : undefined
    this.live = this.alias ?? this
  }
}
