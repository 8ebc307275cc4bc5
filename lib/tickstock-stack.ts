import { CfnOutput, Fn, Stack, type StackProps } from 'aws-cdk-lib'
import { AttributeType, type TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'

import { Alerter } from './alerter.ts'
import { Aggregator } from './aggregator.ts'
import { Analytics } from './analytics.ts'
import { createAlarm } from './alarms.ts'
import { Authorizer } from './authorizer.ts'
import { addDashboard } from './add-dashboard.ts'
import { Api } from './api.ts'
import { Archive } from './archive.ts'
import { Archiver } from './archiver.ts'
import { BackupCopies } from './backup-copies.ts'
import { backupNamesOf } from './backup-names.ts'
import { BarWriter } from './bar-writer.ts'
import { Bridge } from './bridge.ts'
import { Broadcaster } from './broadcaster.ts'
import { Compactor } from './compactor.ts'
import { type Config, isOnAws } from './config/config.ts'
import { DeadLetterBucket } from './dead-letter-bucket.ts'
import { Delivery } from './delivery.ts'
import { createDatabase } from './create-database.ts'
import { encrypt } from './encrypt.ts'
import { createExecutionLogs } from './execution-logs.ts'
import { Exports } from './exports.ts'
import { FeatureFlags } from './feature-flags.ts'
import { fitIntoAccount } from './fit-into-account.ts'
import { issuerOf } from './issuer.ts'
import { Jobs } from './jobs.ts'
import { KeptTable } from './kept-table.ts'
import { Migrator } from './migrator.ts'
import { Observability } from './observability.ts'
import type { Part } from './part.ts'
import { RdsDatabase } from './rds-database.ts'
import { Operator } from './operator.ts'
import { Rebuilder } from './rebuilder.ts'
import { Streams } from './streams.ts'
import { Sweeper } from './sweeper.ts'
import { SyntheticFeed } from './synthetic-feed.ts'
import { UserPool } from './user-pool.ts'
import { VenueFeed } from './venue-feed.ts'

/**
 * The whole system, in the order in which data moves through it:
 *
 *     ticks ┬▶ aggregator ─▶ bars ─┬─────────────────────────▶ bar-writer ─▶ Postgres ─▶ api
 *           │      ▲               └─▶ analytics ─▶ signals ─▶ (both streams)
 *           │   sweeper                                        broadcaster ─▶ WebSocket
 *           │                                                  alerter ─▶ webhooks, SNS
 *           └▶ archiver ─▶ S3 ─▶ rebuilder ─▶ bars
 *                      REST ─▶ jobs ─┘
 */
export class TickStockStack extends Stack {
  /** A stack of its own within this one; undefined where no domain leads to it. */
  readonly bridge: Bridge | undefined
  readonly #zones: string[] | undefined

  constructor(scope: Construct, id: string, { config, ...props }: StackProps & { readonly config: Config }) {
    super(scope, id, {
      ...props,
      // Of the stack itself; those of its resources are in the template.
      tags: config.tags,
      terminationProtection: config.deletionProtection === 'on',
    })
    this.#zones = config.zones?.split(',')
    const streams = new Streams(this, 'Streams', config)
    const stateOf = (construct: string, name: string): TableV2 =>
      new KeptTable(this, construct, {
        config,
        name,
        partitionKey: { name: 'symbol', type: AttributeType.STRING },
      })
    const minuteState = stateOf('MinuteState', 'minute-state')
    const indicatorState = stateOf('IndicatorState', 'indicator-state')
    const deadLetters = new DeadLetterBucket(this, 'DeadLetters', config)
    const flags = new FeatureFlags(this, 'Flags', config)
    const database = createDatabase(this, config)

    const migrator = new Migrator(this, 'Migrator', { config, database })
    const aggregator = new Aggregator(this, 'Aggregator', {
      config,
      streams,
      flags,
      minuteState,
      deadLetters,
    })
    const sweeper = new Sweeper(this, 'Sweeper', { config, streams, flags, minuteState })
    const analytics = new Analytics(this, 'Analytics', {
      config,
      streams,
      flags,
      indicatorState,
      deadLetters,
    })
    const archive = config.archive === 'on' ? new Archive(this, 'Archive', config) : undefined
    const archiver =
      archive && new Archiver(this, 'Archiver', { config, streams, flags, archive, deadLetters })
    const barWriter = new BarWriter(this, 'BarWriter', { config, streams, database, deadLetters })
    const userPool =
      config.access === 'people' && config.oidcIssuer === undefined
        ? new UserPool(this, 'UserPool', config)
        : undefined
    const issuer = userPool?.issuer ?? issuerOf(config)
    const authorizer =
      config.access === 'keys' ? undefined : new Authorizer(this, 'Authorizer', { config, issuer })
    const exports = archive && new Exports(this, 'Exports', config)
    const rebuilder =
      archive &&
      exports &&
      new Rebuilder(this, 'Rebuilder', { config, streams, database, archive, indicatorState, exports })
    const jobs = rebuilder && exports && new Jobs(this, 'Jobs', { config, rebuilder, exports })
    const alerter =
      config.alerts === 'on' ? new Alerter(this, 'Alerter', { config, streams, deadLetters }) : undefined
    const api = new Api(this, 'Api', { config, database, authorizer, jobs, alerter })
    const broadcaster =
      config.websocket === 'on'
        ? new Broadcaster(this, 'Broadcaster', {
            config,
            streams,
            flags,
            deadLetters,
            rest: api.rest,
            key: api.key,
            authorizer,
          })
        : undefined
    const operator =
      authorizer &&
      issuer &&
      new Operator(this, 'Operator', {
        config,
        streams,
        flags,
        minuteState,
        deadLetters,
        rest: api.rest,
        authorizer,
      })
    const page =
      issuer !== undefined && isOnAws(config)
        ? addDashboard(this, {
            config,
            issuer,
            userPool,
            rest: api.rest,
            webSocketId: broadcaster?.webSocketId,
          })
        : undefined
    if (isOnAws(config)) createExecutionLogs(this, api.rest, config.stage)
    // They connect as roles that the migrator creates.
    for (const part of [barWriter, api, ...(rebuilder ? [rebuilder] : [])])
      part.node.addDependency(migrator.migrated)
    if (database instanceof RdsDatabase) database.proxy?.node.addDependency(migrator.migrated)

    const parts: Part[] = [aggregator, sweeper, analytics, barWriter, migrator, api]
    if (broadcaster !== undefined) parts.push(broadcaster)
    if (archiver !== undefined) parts.push(archiver)
    if (authorizer !== undefined) parts.push(authorizer)
    if (operator !== undefined) parts.push(operator)
    if (rebuilder !== undefined) parts.push(rebuilder)
    if (jobs !== undefined) parts.push(jobs)
    if (alerter !== undefined) parts.push(alerter)
    if (archive !== undefined && config.archiveCompaction === 'on')
      parts.push(new Compactor(this, 'Compactor', { config, archive }))
    if (config.syntheticFeed === 'on' && isOnAws(config))
      parts.push(new SyntheticFeed(this, 'SyntheticFeed', { config, streams }))
    const venueFeed = config.venues === '' ? undefined : new VenueFeed(this, 'VenueFeed', { config, streams })
    this.bridge = this.#bridge(config, api, broadcaster)
    const copies = backupNamesOf(config)
    const backups = copies && new BackupCopies(this, 'Backups', { config, names: copies, archive })
    if (isOnAws(config))
      new Observability(this, 'Observability', {
        config,
        parts,
        venueAlarms: venueFeed?.alarms ?? [],
        bridgeAlarms:
          this.bridge === undefined
            ? []
            : createAlarm(this, config, {
                name: 'bridge-down',
                says: 'No bridge takes connections: clients of Alpaca and Massive get no bars.',
                metric: this.bridge.healthy,
                below: 1,
                silence: 'wrong',
              }),
        databaseAlarms: database.alarms,
        backupAlarms: backups?.alarms ?? [],
        instance: database instanceof RdsDatabase ? database.instance : undefined,
        streams,
        minuteState,
        indicatorState,
      })

    // The migrator has no canary: the deployment itself is its test.
    if (config.canary === 'on' && isOnAws(config))
      new Delivery(this, 'Delivery', { config, parts: parts.filter((part) => part !== migrator) })

    const outputs = {
      TicksStream: streams.ticks.streamName,
      BarsStream: streams.bars.streamName,
      SignalsStream: streams.signals.streamName,
      MinuteStateTable: minuteState.tableName,
      IndicatorStateTable: indicatorState.tableName,
      DeadLetterBucket: deadLetters.bucketName,
      SweeperFunction: sweeper.function.functionName,
      AnalyticsFunction: analytics.function.functionName,
      ReadSecret: database.read.secretArn,
      ApiId: api.rest.restApiId,
      ApiUrl: api.url,
      ApiKeyId: api.key.keyId,
      ...(archive &&
        archiver && {
          ArchiveBucket: archive.bucketName,
          ArchiverFunction: archiver.function.functionName,
        }),
      ...(exports && { ExportsBucket: exports.bucketName }),
      ...(api.domainHost !== undefined && { ApiHost: api.domainHost }),
      ...(broadcaster?.domainHost !== undefined && { WebSocketHost: broadcaster.domainHost }),
      ...(broadcaster && {
        BroadcasterFunction: broadcaster.function.functionName,
        WebSocketUrl: broadcaster.url,
      }),
      ...(page && {
        DashboardUrl: page.url,
        DashboardHost: page.distribution.distributionDomainName,
      }),
      ...(userPool && { UserPoolId: userPool.id }),
      ...(alerter?.topic && { AlertTopic: alerter.topic.topicArn }),
      ...(this.bridge && { BridgeHost: this.bridge.host }),
      ...(venueFeed && { VenuePlacesTable: venueFeed.places.tableName }),
    }
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value })
    encrypt(this, config)
    fitIntoAccount(this, config)
  }

  #bridge(config: Config, api: Api, broadcaster: Broadcaster | undefined): Bridge | undefined {
    const { bridgeDomain, apiCertificateArn: certificateArn } = config
    if (bridgeDomain === undefined || certificateArn === undefined || broadcaster === undefined)
      return undefined
    return new Bridge(this, 'Bridge', {
      config,
      rest: api.rest,
      webAclArn: api.webAclArn,
      webSocketStage: broadcaster.webSocketStage,
      urls: { rest: api.url, webSocket: broadcaster.url },
      certificateArn,
    })
  }

  /** Those of the config, or resolved at deployment, so that synthesis needs no account. */
  override get availabilityZones(): string[] {
    return this.#zones ?? [Fn.select(0, Fn.getAzs()), Fn.select(1, Fn.getAzs())]
  }
}
