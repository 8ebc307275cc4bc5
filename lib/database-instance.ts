import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib'
import { InstanceType, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2'
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import {
  CfnDBInstance,
  Credentials,
  DatabaseInsightsMode,
  DatabaseInstance,
  DatabaseInstanceEngine,
  type DatabaseInstanceProps,
  ParameterGroup,
  PerformanceInsightRetention,
  PostgresEngineVersion,
  StorageType,
} from 'aws-cdk-lib/aws-rds'
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import { backupNamesOf } from './backup-names.ts'
import { type Config, connectionsOf } from './config/config.ts'
import type { Placement } from './database.ts'

/** The latest minor version of it, which RDS keeps up to date. */
const ENGINE = DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_18 })

/** RDS may extend the storage up to this multiple of its initial size. */
export const STORAGE_GROWTH = 4

export type InstanceProps = {
  readonly config: Config
  /** Its network, and the functions that may connect. */
  readonly clients: Placement
  readonly owner: Secret
}

/** Creates the instance; its name is fixed, so that nothing replaces it unnoticed. */
export function createDatabaseInstance(
  scope: Construct,
  { config, clients, owner }: InstanceProps,
): DatabaseInstance {
  const instanceIdentifier = nameOf(config)
  const isProtected = config.deletionProtection === 'on'
  const logs = createLogs(scope, instanceIdentifier)
  const instance = new DatabaseInstance(scope, 'Instance', {
    instanceIdentifier,
    engine: ENGINE,
    instanceType: new InstanceType(config.databaseInstance),
    credentials: Credentials.fromSecret(owner),
    ...(config.databaseAccess === 'iam' && { iamAuthentication: true }),
    databaseName: config.databaseName,
    vpc: clients.vpc,
    vpcSubnets: clients.vpcSubnets,
    securityGroups: [createAccess(scope, clients)],
    multiAz: config.databaseZones === 'multi',
    storageType: StorageType.GP3,
    allocatedStorage: config.databaseStorageGib,
    maxAllocatedStorage: config.databaseStorageGib * STORAGE_GROWTH,
    storageEncrypted: true,
    parameterGroup: createParameters(scope, connectionsOf(config)),
    backupRetention: Duration.days(config.backupDays),
    copyTagsToSnapshot: true,
    deleteAutomatedBackups: !isProtected,
    deletionProtection: isProtected,
    removalPolicy: isProtected ? RemovalPolicy.SNAPSHOT : RemovalPolicy.DESTROY,
    enablePerformanceInsights: true,
    // Free storage.
    performanceInsightRetention: PerformanceInsightRetention.DEFAULT,
    databaseInsightsMode: DatabaseInsightsMode.STANDARD,
    ...monitoringOf(scope, config),
    cloudwatchLogsExports: ['postgresql'],
    autoMinorVersionUpgrade: true,
    allowMajorVersionUpgrade: false,
    publiclyAccessible: false,
  })
  instance.node.addDependency(logs)
  copyBackups(instance, config)
  acknowledgeFindings(instance, config)
  return instance
}

/** Samples of the operating system, which RDS writes to a log group of its own, `RDSOSMetrics`. */
function monitoringOf(
  scope: Construct,
  { databaseMonitoringSeconds }: Config,
): Pick<DatabaseInstanceProps, 'monitoringInterval' | 'monitoringRole'> {
  if (databaseMonitoringSeconds === 0) return {}
  const monitoringRole = new Role(scope, 'MonitoringRole', {
    assumedBy: new ServicePrincipal('monitoring.rds.amazonaws.com'),
    managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonRDSEnhancedMonitoringRole')],
  })
  Validations.of(monitoringRole).acknowledge({
    id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole]',
    reason: 'What RDS needs to write them, and nothing else.',
  })
  return { monitoringInterval: Duration.seconds(databaseMonitoringSeconds), monitoringRole }
}

/** RDS copies its backups, and the log of transactions every few minutes, to the backup region. */
function copyBackups(instance: DatabaseInstance, config: Config): void {
  const names = backupNamesOf(config)
  const resource = instance.node.defaultChild
  if (names === undefined || !(resource instanceof CfnDBInstance)) return
  resource.automaticBackupReplicationRegion = names.region
  resource.automaticBackupReplicationRetentionPeriod = config.backupDays
  resource.automaticBackupReplicationKmsKeyId = names.keyArn
}

/** RDS would create it otherwise, with unlimited retention. */
function createLogs(scope: Construct, instanceIdentifier: string): LogGroup {
  return new LogGroup(scope, 'Logs', {
    logGroupName: `/aws/rds/instance/${instanceIdentifier}/postgresql`,
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  })
}

function createAccess(scope: Construct, { vpc, securityGroups }: Placement): SecurityGroup {
  const access = new SecurityGroup(scope, 'Access', {
    vpc,
    description: 'The database',
    allowAllOutbound: false,
  })
  for (const clients of securityGroups)
    access.connections.allowFrom(clients, Port.tcp(5432), 'functions that connect')
  return access
}

function createParameters(scope: Construct, connections: number): ParameterGroup {
  return new ParameterGroup(scope, 'Parameters', {
    engine: ENGINE,
    description: 'Postgres for TickStock',
    parameters: {
      'rds.force_ssl': '1',
      max_connections: String(connections),
      // Milliseconds; slower statements are logged.
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
