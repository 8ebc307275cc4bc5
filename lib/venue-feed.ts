import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import { AttributeType, type TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Peer, Port } from 'aws-cdk-lib/aws-ec2'
import { FargateService, type FargateTaskDefinition, Secret as ContainerSecret } from 'aws-cdk-lib/aws-ecs'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import { parseVenues } from '../feed/venues/parse-venue.ts'
import type { VenueFeedEnvironment } from '../functions/venue-feed/env.ts'
import type { Config } from './config/config.ts'
import { createCluster, createProgram } from './container-program.ts'
import { KeptTable } from './kept-table.ts'
import { metricsNamespace } from './metrics.ts'
import type { Streams } from './streams.ts'
import { venueAlarms } from './venue-alarms.ts'
import { TaskNetwork } from './task-network.ts'

export type VenueFeedProps = { readonly config: Config; readonly streams: Streams }

/**
 * Feeds from venues around the clock: a Fargate service for each copy, each in a zone of its own. May touch: put on the stream
 * `ticks`, its table, read its code.
 */
export class VenueFeed extends Construct {
  readonly alarms: readonly Alarm[]
  readonly places: TableV2

  constructor(scope: Construct, id: string, { config, streams }: VenueFeedProps) {
    super(scope, id)
    this.places = placesTable(this, config)
    const { vpc, access, subnets, isPublic } = new TaskNetwork(this, 'Network', {
      config,
      name: 'venues',
      log: 'venue-network',
      addresses: '10.1.0.0/24',
      subnets: config.venueSubnets,
      description: 'The venue feed: it takes no connection',
      outbound: 'to venues and AWS',
    })
    // Binance's WebSocket.
    access.addEgressRule(Peer.anyIpv4(), Port.tcp(9443), 'to venues')
    const task = this.#task(config, streams)
    const cluster = createCluster(this, { config, name: 'venues', vpc })
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
    const task = createProgram(this, {
      config,
      name: 'venue-feed',
      entry: 'functions/venue-feed/main.ts',
      container: 'Feed',
      environment: environmentOf(config, { stream: streams.ticks.streamName, table: this.places.tableName }),
      secrets: this.#keys(config),
    })
    streams.ticks.grant(task.taskRole, 'kinesis:PutRecords')
    this.places.grant(task.taskRole, 'dynamodb:Query', 'dynamodb:PutItem')
    return task
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
    VENUE_SIDES: config.venueSides,
    TRADING_HOURS: config.tradingHours,
  }
  return {
    TICKS_STREAM: own.TICKS_STREAM,
    PLACES_TABLE: own.PLACES_TABLE,
    VENUES: own.VENUES,
    VENUE_SIDES: own.VENUE_SIDES,
    TRADING_HOURS: own.TRADING_HOURS,
    POWERTOOLS_METRICS_NAMESPACE: metricsNamespace(config),
  }
}
