import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Arn, ArnFormat, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import type { IVpc } from 'aws-cdk-lib/aws-ec2'
import {
  Cluster,
  ContainerDependencyCondition,
  ContainerImage,
  ContainerInsights,
  CpuArchitecture,
  FargateTaskDefinition,
  LogDriver,
  OperatingSystemFamily,
  type Secret as ContainerSecret,
} from 'aws-cdk-lib/aws-ecs'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Asset } from 'aws-cdk-lib/aws-s3-assets'
import type { Construct } from 'constructs'
import * as z from 'zod'

import { nameOf, pathOf } from '../functions/shared/runtime/deployment-name.ts'
import { bundleProgram } from './bundled-code.ts'
import type { Config } from './config/config.ts'

/** What of a task costs money by the hour, the same of all. */
const SIZE = { cpu: 256, memoryLimitMiB: 512 } as const
const CODE = '/code'
const packageSchema = z.object({ devDependencies: z.object({ node: z.string() }) })
/** Runs what the tests run. */
const { node: NODE } = packageSchema.parse(
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')),
).devDependencies
/** Public images, on Arm too, so that a deployment builds none. */
const IMAGES = {
  node: `public.ecr.aws/docker/library/node:${NODE}-slim`,
  aws: 'public.ecr.aws/aws-cli/aws-cli:2.31.0',
} as const

export type ProgramProps = {
  readonly config: Config
  /** Its name in the account, and its log's. */
  readonly name: string
  /** The module that it begins with. */
  readonly entry: string
  /** The id of the container that runs it. */
  readonly container: string
  readonly environment: Readonly<Record<string, string>>
  /** Variables that ECS reads from secrets when a task starts. */
  readonly secrets: Readonly<Record<string, ContainerSecret>>
  /** At which it takes connections. @default none */
  readonly port?: number
}

/**
 * Defines a task that runs a program of this repository: a container copies the code from S3 and ends, then another runs it,
 * so that no image is built. The task may read that code, and nothing beside it.
 */
export function createProgram(scope: Construct, props: ProgramProps): FargateTaskDefinition {
  const { config, name, port } = props
  const task = new FargateTaskDefinition(scope, 'Task', {
    family: `${nameOf(config)}-${name}`,
    ...SIZE,
    runtimePlatform: {
      cpuArchitecture: CpuArchitecture.ARM64,
      operatingSystemFamily: OperatingSystemFamily.LINUX,
    },
    volumes: [{ name: 'code' }],
  })
  const code = codeOf(scope, task, props)
  const logs = new LogGroup(scope, 'Logs', {
    logGroupName: `${pathOf(config)}/${name}`,
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const logging = (streamPrefix: string) => LogDriver.awsLogs({ logGroup: logs, streamPrefix })
  const copy = task.addContainer('Code', {
    image: ContainerImage.fromRegistry(IMAGES.aws),
    command: ['s3', 'cp', code.s3ObjectUrl, `${CODE}/index.mjs`],
    essential: false,
    logging: logging('code'),
  })
  copy.addMountPoints({ sourceVolume: 'code', containerPath: CODE, readOnly: false })
  const program = task.addContainer(props.container, {
    image: ContainerImage.fromRegistry(IMAGES.node),
    command: ['node', '--enable-source-maps', `${CODE}/index.mjs`],
    environment: props.environment,
    secrets: props.secrets,
    logging: logging(props.container.toLowerCase()),
    readonlyRootFilesystem: true,
    user: 'node',
    stopTimeout: Duration.seconds(60),
    ...(port !== undefined && { portMappings: [{ containerPort: port }] }),
  })
  program.addMountPoints({ sourceVolume: 'code', containerPath: CODE, readOnly: true })
  program.addContainerDependencies({ container: copy, condition: ContainerDependencyCondition.SUCCESS })
  task.defaultContainer = program
  Validations.of(task).acknowledge({
    id: 'AwsSolutions-ECS2',
    reason: 'Names and addresses are no secrets; keys come from Secrets Manager.',
  })
  return task
}

/** Where such tasks run, by its name after that of the deployment. */
export function createCluster(
  scope: Construct,
  { config, name, vpc }: { readonly config: Config; readonly name: string; readonly vpc: IVpc },
): Cluster {
  const cluster = new Cluster(scope, 'Cluster', {
    clusterName: `${nameOf(config)}-${name}`,
    vpc,
    containerInsightsV2: ContainerInsights.DISABLED,
  })
  Validations.of(cluster).acknowledge({
    id: 'AwsSolutions-ECS4',
    reason: 'What runs there counts what it does; Container Insights would cost more than the tasks.',
  })
  return cluster
}

/** The program as one file in the bucket of the CDK. */
function codeOf(scope: Construct, task: FargateTaskDefinition, { name, entry }: ProgramProps): Asset {
  const folder = mkdtempSync(join(tmpdir(), `tickstock-${name}-`))
  try {
    const file = join(folder, 'index.mjs')
    if (Stack.of(scope).bundlingRequired) bundleProgram(entry, file)
    else writeFileSync(file, '')
    const asset = new Asset(scope, 'Program', { path: file })
    task.addToTaskRolePolicy(
      new PolicyStatement({
        actions: ['s3:GetObject'],
        resources: [
          Arn.format(
            {
              service: 's3',
              region: '',
              account: '',
              resource: asset.s3BucketName,
              resourceName: asset.s3ObjectKey,
              arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
            },
            Stack.of(scope),
          ),
        ],
      }),
    )
    return asset
  } finally {
    rmSync(folder, { recursive: true })
  }
}
