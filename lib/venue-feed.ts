import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Arn, ArnFormat, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import { AttributeType, type TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import {
  Cluster,
  ContainerDependencyCondition,
  ContainerImage,
  ContainerInsights,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  LogDriver,
  OperatingSystemFamily,
  Secret as ContainerSecret,
} from 'aws-cdk-lib/aws-ecs'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Asset } from 'aws-cdk-lib/aws-s3-assets'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import * as z from 'zod'

import { nameOf, pathOf } from '../functions/shared/runtime/deployment-name.ts'
import { parseVenues } from '../feed/venues/parse-venue.ts'
import type { VenueFeedEnvironment } from '../functions/venue-feed/env.ts'
import { bundleProgram } from './bundled-code.ts'
import type { Config } from './config/config.ts'
import { KeptTable } from './kept-table.ts'
import { metricsNamespace } from './metrics.ts'
import type { Streams } from './streams.ts'
import { venueAlarms } from './venue-alarms.ts'
import { VenueNetwork } from './venue-network.ts'

export type VenueFeedProps = { readonly config: Config; readonly streams: Streams }

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

/**
 * Feeds from venues around the clock: a Fargate service for each copy, each in a zone of its own. A container copies the code
 * from S3 and ends, then another runs it: no image is built. May touch: put on the stream `ticks`, its table, read its code.
 */
export class VenueFeed extends Construct {
  readonly alarms: readonly Alarm[]
  readonly places: TableV2

  constructor(scope: Construct, id: string, { config, streams }: VenueFeedProps) {
    super(scope, id)
    this.places = placesTable(this, config)
    const { vpc, access, subnets, isPublic } = new VenueNetwork(this, 'Network', config)
    const task = this.#task(config, streams)
    const cluster = new Cluster(this, 'Cluster', {
      clusterName: `${nameOf(config)}-venues`,
      vpc,
      containerInsightsV2: ContainerInsights.DISABLED,
    })
    Validations.of(cluster).acknowledge({
      id: 'AwsSolutions-ECS4',
      reason: 'The feed counts what it does itself; Container Insights would cost more than the tasks.',
    })
    const services = subnets.slice(0, config.venueCopies).map(
      (subnet, index) =>
        new FargateService(this, `Service${'AB'[index]}`, {
          serviceName: `${nameOf(config)}-venue-feed-${'ab'[index]}`,
          cluster,
          taskDefinition: task,
          desiredCount: 1,
          // A venue may allow one connection: the old task ends before the new one starts, which fetches what came between.
          minHealthyPercent: 0,
          maxHealthyPercent: 100,
          circuitBreaker: { rollback: true },
          vpcSubnets: { subnets: [subnet] },
          securityGroups: [access],
          assignPublicIp: isPublic,
        }),
    )
    // One after the other: a deployment leaves one of two running.
    for (const [index, service] of services.entries())
      if (index > 0) service.node.addDependency(...services.slice(0, index))
    this.alarms = venueAlarms(this, config)
  }

  #task(config: Config, streams: Streams): FargateTaskDefinition {
    const task = new FargateTaskDefinition(this, 'Task', {
      family: `${nameOf(config)}-venue-feed`,
      cpu: 256,
      memoryLimitMiB: 512,
      runtimePlatform: {
        cpuArchitecture: CpuArchitecture.ARM64,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
      volumes: [{ name: 'code' }],
    })
    const code = this.#code(task)
    const logs = new LogGroup(this, 'Logs', {
      logGroupName: `${pathOf(config)}/venue-feed`,
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
    const feed = task.addContainer('Feed', {
      image: ContainerImage.fromRegistry(IMAGES.node),
      command: ['node', '--enable-source-maps', `${CODE}/index.mjs`],
      environment: environmentOf(config, { stream: streams.ticks.streamName, table: this.places.tableName }),
      secrets: this.#keys(config),
      logging: logging('feed'),
      readonlyRootFilesystem: true,
      user: 'node',
      stopTimeout: Duration.seconds(60),
    })
    feed.addMountPoints({ sourceVolume: 'code', containerPath: CODE, readOnly: true })
    feed.addContainerDependencies({ container: copy, condition: ContainerDependencyCondition.SUCCESS })
    streams.ticks.grant(task.taskRole, 'kinesis:PutRecords')
    this.places.grant(task.taskRole, 'dynamodb:Query', 'dynamodb:PutItem')
    Validations.of(task).acknowledge({
      id: 'AwsSolutions-ECS2',
      reason: 'Names of a stream, a table and venues are no secrets; the keys come from Secrets Manager.',
    })
    return task
  }

  /** The program as one file in the bucket of the CDK, which the task may read and nothing beside it. */
  #code(task: FargateTaskDefinition): Asset {
    const folder = mkdtempSync(join(tmpdir(), 'tickstock-venue-feed-'))
    try {
      const file = join(folder, 'index.mjs')
      if (Stack.of(this).bundlingRequired) bundleProgram('functions/venue-feed/main.ts', file)
      else writeFileSync(file, '')
      const asset = new Asset(this, 'Program', { path: file })
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
              Stack.of(this),
            ),
          ],
        }),
      )
      return asset
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  /** Each key as a variable of the container, which ECS reads from the secret when a task starts. */
  #keys({ venues, venueKeysSecretArn }: Config): Record<string, ContainerSecret> {
    if (venueKeysSecretArn === undefined) return {}
    const secret = Secret.fromSecretCompleteArn(this, 'Keys', venueKeysSecretArn)
    const names = parseVenues(venues).flatMap(({ venue: { keys = [] } }) =>
      keys.filter(({ isOptional }) => isOptional !== true).flatMap(({ variables }) => variables.slice(0, 1)),
    )
    return Object.fromEntries(
      [...new Set(names)].map((name) => [name, ContainerSecret.fromSecretsManager(secret, name)]),
    )
  }
}

function placesTable(scope: Construct, config: Config): TableV2 {
  return new KeptTable(scope, 'Places', {
    config,
    name: 'venue-places',
    partitionKey: { name: 'venue', type: AttributeType.STRING },
    sortKey: { name: 'symbol', type: AttributeType.STRING },
  })
}

function environmentOf(
  config: Config,
  { stream, table }: { readonly stream: string; readonly table: string },
): Record<string, string> {
  const own: VenueFeedEnvironment = {
    TICKS_STREAM: stream,
    PLACES_TABLE: table,
    VENUES: config.venues,
    TRADING_HOURS: config.tradingHours,
  }
  return {
    TICKS_STREAM: own.TICKS_STREAM,
    PLACES_TABLE: own.PLACES_TABLE,
    VENUES: own.VENUES,
    TRADING_HOURS: own.TRADING_HOURS,
    POWERTOOLS_METRICS_NAMESPACE: metricsNamespace(config),
  }
}
