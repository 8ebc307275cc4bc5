import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import { InstanceType, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import {
  ClientPasswordAuthType,
  Credentials,
  DatabaseInsightsMode,
  DatabaseInstance,
  DatabaseInstanceEngine,
  type DatabaseProxy,
  ParameterGroup,
  PerformanceInsightRetention,
  PostgresEngineVersion,
  StorageType,
} from 'aws-cdk-lib/aws-rds'
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'

import type { DatabaseTls } from '../functions/shared/postgres/tls.ts'
import type { Config } from './config.ts'
import { databaseAlarms } from './database-alarms.ts'
import type { Database, Placement } from './database.ts'
import { Network } from './network.ts'

/** The latest minor version of it, which RDS keeps up to date. */
const ENGINE = DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_18 })

/** Lambda puts the authorities of RDS there, for Node 20 and later. */
const RDS_AUTHORITIES = '/var/runtime/ca-cert.pem'

/** Connections that the database takes; each instance of a function holds one. */
const CONNECTIONS = 200

/** Postgres on RDS, in a network of its own, with a secret for each of its roles. */
export class RdsDatabase extends Construct implements Database {
  readonly instance: DatabaseInstance
  readonly owner: ISecret
  readonly write: ISecret
  readonly read: ISecret
  readonly alarms: readonly Alarm[]
  readonly placement: Placement
  readonly ownerTls: DatabaseTls = { DATABASE_TLS: 'verify', DATABASE_CA_FILE: RDS_AUTHORITIES }
  readonly tls: DatabaseTls

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id)
    const network = new Network(this, 'Network', config)
    this.placement = network.clients
    const owner = this.secretOf('Owner', 'tickstock_owner', config)
    this.instance = this.createInstance(network, owner, config)
    this.owner = this.instance.secret ?? owner
    this.write = this.secretOf('Write', 'app_readwrite', config).attach(this.instance)
    this.read = this.secretOf('Read', 'app_readonly', config).attach(this.instance)
    this.tls =
      config.databaseProxy === 'on'
        ? { DATABASE_TLS: 'verify-public', DATABASE_PROXY_HOST: this.addProxy(config).endpoint }
        : this.ownerTls
    this.alarms = databaseAlarms(this, { config, instance: this.instance, connections: CONNECTIONS })
  }

  private secretOf(name: string, username: string, config: Config): Secret {
    return new Secret(this, name, {
      secretName: `tickstock/${config.stage}/database/${name.toLowerCase()}`,
      description: `How ${username} connects to the database of TickStock`,
      removalPolicy: RemovalPolicy.DESTROY,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username }),
        generateStringKey: 'password',
        excludePunctuation: true,
        passwordLength: 32,
      },
    })
  }

  private createInstance(network: Network, owner: Secret, config: Config): DatabaseInstance {
    const instanceIdentifier = `tickstock-${config.stage}`
    const isProtected = config.deletionProtection === 'on'
    const logs = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/rds/instance/${instanceIdentifier}/postgresql`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const group = new SecurityGroup(this, 'Access', {
      vpc: network.vpc,
      description: 'The database',
      allowAllOutbound: false,
    })
    const [clients] = network.clients.securityGroups
    if (clients !== undefined) group.connections.allowFrom(clients, Port.tcp(5432), 'functions that connect')
    const instance = new DatabaseInstance(this, 'Instance', {
      instanceIdentifier,
      engine: ENGINE,
      instanceType: new InstanceType(config.databaseInstance),
      credentials: Credentials.fromSecret(owner),
      databaseName: config.databaseName,
      vpc: network.vpc,
      vpcSubnets: network.clients.vpcSubnets,
      securityGroups: [group],
      multiAz: config.databaseZones === 'multi',
      storageType: StorageType.GP3,
      allocatedStorage: config.databaseStorageGib,
      maxAllocatedStorage: config.databaseStorageGib * 4,
      storageEncrypted: true,
      parameterGroup: parametersOf(this),
      backupRetention: Duration.days(config.backupDays),
      copyTagsToSnapshot: true,
      deleteAutomatedBackups: !isProtected,
      deletionProtection: isProtected,
      removalPolicy: isProtected ? RemovalPolicy.SNAPSHOT : RemovalPolicy.DESTROY,
      enablePerformanceInsights: true,
      // What is free of it.
      performanceInsightRetention: PerformanceInsightRetention.DEFAULT,
      databaseInsightsMode: DatabaseInsightsMode.STANDARD,
      cloudwatchLogsExports: ['postgresql'],
      autoMinorVersionUpgrade: true,
      allowMajorVersionUpgrade: false,
      publiclyAccessible: false,
    })
    instance.node.addDependency(logs)
    acknowledgeFindings(instance, config)
    return instance
  }

  /** Migrations and maintenance go past it: a lock held by a session would pin it. */
  private addProxy(config: Config): DatabaseProxy {
    const { vpc, vpcSubnets, securityGroups } = this.placement
    const group = new SecurityGroup(this, 'ProxyAccess', {
      vpc,
      description: 'The proxy of the database',
      allowAllOutbound: false,
    })
    for (const clients of securityGroups)
      group.connections.allowFrom(clients, Port.tcp(5432), 'functions that connect')
    const proxy = this.instance.addProxy('Proxy', {
      dbProxyName: `tickstock-${config.stage}`,
      vpc,
      vpcSubnets,
      securityGroups: [group],
      secrets: [this.write, this.read],
      requireTLS: true,
      clientPasswordAuthType: ClientPasswordAuthType.POSTGRES_SCRAM_SHA_256,
    })
    return proxy
  }
}

function parametersOf(scope: Construct): ParameterGroup {
  return new ParameterGroup(scope, 'Parameters', {
    engine: ENGINE,
    description: 'Postgres for TickStock',
    parameters: {
      'rds.force_ssl': '1',
      max_connections: String(CONNECTIONS),
      // Milliseconds; what takes longer is in the log.
      log_min_duration_statement: '1000',
    },
  })
}

function acknowledgeFindings(instance: DatabaseInstance, { stage, ...config }: Config): void {
  const findings = Validations.of(instance)
  findings.acknowledge({
    id: 'AwsSolutions-RDS11',
    reason: 'Nothing but the functions can reach the port; another number would hide nothing.',
  })
  if (stage === 'prod') return
  if (config.databaseZones === 'single')
    findings.acknowledge({
      id: 'AwsSolutions-RDS3',
      reason: 'A stage to try things on may be away for a while.',
    })
  if (config.deletionProtection === 'off')
    findings.acknowledge({ id: 'AwsSolutions-RDS10', reason: 'A stage to try things on is thrown away.' })
}
