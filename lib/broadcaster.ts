import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import type { ApiKey, RestApi } from 'aws-cdk-lib/aws-apigateway'
import type { Alarm, IMetric, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2'
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { BroadcasterEnvironment } from '../functions/broadcaster/env.ts'
import { consumerAlarms, createAlarm, throttlesOf } from './alarms.ts'
import type { Authorizer } from './authorizer.ts'
import type { Config } from './config/config.ts'
import type { DeadLetterBucket } from './dead-letter-bucket.ts'
import type { FeatureFlags } from './feature-flags.ts'
import { partMetric } from './metrics.ts'
import type { Part } from './part.ts'
import { PartFunction } from './part-function.ts'
import { consume, followLive } from './stream-consumer.ts'
import type { Streams } from './streams.ts'
import { WebSocket } from './web-socket.ts'

export type BroadcasterProps = {
  readonly config: Config
  readonly streams: Streams
  readonly flags: FeatureFlags
  readonly deadLetters: DeadLetterBucket
  /** The REST API, whose key is valid for WebSocket connections too. */
  readonly rest: RestApi
  readonly key: ApiKey
  readonly authorizer: Authorizer | undefined
}

/**
 * Sends `bars` and `signals` to WebSocket clients, and prices of the forming bar from `ticks`. May touch: the tables `connections` and `subscribers`, post to WebSocket connections and
 * end them.
 */
export class Broadcaster extends Construct implements Part {
  readonly function: PartFunction
  readonly alarms: readonly Alarm[]
  readonly failures: IMetric
  readonly givenUp: readonly Metric[]
  /** Where clients connect, `wss://`. */
  readonly url: string
  readonly webSocketId: string
  readonly webSocketStage: WebSocketStage
  readonly domainHost: string | undefined

  constructor(scope: Construct, id: string, props: BroadcasterProps) {
    super(scope, id)
    const { config, streams, flags, deadLetters, rest, key, authorizer } = props
    // Its items are as short-lived as the API's connections: nothing to retain or restore.
    const connections = new TableV2(this, 'Connections', {
      tableName: `${nameOf(config)}-connections`,
      partitionKey: { name: 'connectionId', type: AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
      billing: Billing.onDemand(),
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const subscribers = new TableV2(this, 'Subscribers', {
      tableName: `${nameOf(config)}-subscribers`,
      partitionKey: { name: 'topic', type: AttributeType.STRING },
      sortKey: { name: 'connectionId', type: AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
      billing: Billing.onDemand(),
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const webSocket = new WebSocket(this, 'WebSocket', { config, rest, key, authorizer })
    const environment: BroadcasterEnvironment = {
      CONNECTIONS_TABLE: connections.tableName,
      SUBSCRIBERS_TABLE: subscribers.tableName,
      FLAGS_PATH: flags.path,
      LIVE_TICKS: config.liveTicks,
      TICKS_STREAM: streams.ticks.streamName,
      NON_POSITIVE_PRICES: config.nonPositivePrices,
      AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI: webSocket.stage.callbackUrl,
    }
    this.function = new PartFunction(this, 'Function', {
      config,
      part: 'broadcaster',
      environment,
      timeout: Duration.seconds(60),
    })
    connections.grant(
      this.function,
      'dynamodb:Scan',
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
    )
    subscribers.grant(
      this.function,
      'dynamodb:Scan',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:DeleteItem',
    )
    webSocket.addRoutes(this.function.live)
    webSocket.grantConnections(this.function)
    flags.grantRead(this.function, 'broadcast', 'live-ticks')
    this.url = webSocket.url
    this.domainHost = webSocket.domainHost
    this.webSocketId = webSocket.id
    this.webSocketStage = webSocket.stage
    // A record cannot fail, only the table can: no number of retries may leave a gap. Records older than the first
    // deployment of the broadcaster have no subscribers.
    const options = { config, deadLetters, tries: 'until-too-old', from: 'newest' } as const
    const consumptions = [streams.bars, streams.signals].map((stream) =>
      consume(stream, this.function, options),
    )
    if (config.liveTicks === 'on') followLive(streams.ticks, this.function, config)
    this.givenUp = consumptions.map(({ dropped }) => dropped)
    this.failures = partMetric(config, 'broadcaster', { name: 'ReadFaults' })
    this.alarms = [
      ...consumerAlarms(this.function, {
        consumptions,
        failures: this.failures,
      }),
      ...createAlarm(this, config, {
        name: 'connections-throttled',
        says: 'DynamoDB refuses reads or writes of connections or subscribers.',
        metric: throttlesOf([connections, subscribers]),
        above: 0,
      }),
      ...createAlarm(this, config, {
        name: 'posts-failed',
        says: 'Messages cannot be sent to WebSocket clients that are there: they are cut off and have to connect again.',
        metric: partMetric(config, 'broadcaster', { name: 'PostsFailed' }),
        above: 0,
      }),
    ]
  }
}
