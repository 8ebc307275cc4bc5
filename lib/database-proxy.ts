import { Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2'
import {
  ClientPasswordAuthType,
  type DatabaseInstance,
  DatabaseProxy,
  ProxyTarget,
} from 'aws-cdk-lib/aws-rds'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { Config } from './config/config.ts'
import type { Placement } from './database.ts'

/** The database behind a proxy. */
export type ProxiedDatabase = Construct & {
  readonly instance: DatabaseInstance
  readonly placement: Placement
  readonly write: ISecret
  readonly read: ISecret
}

/**
 * Shares the connections of the database among many instances of functions. Migrations and maintenance bypass it: a lock
 * held by a session would pin it. Beside the instance in the construct tree, not below it: what depends on the instance
 * must not depend on the proxy.
 */
export function createDatabaseProxy(database: ProxiedDatabase, config: Config): DatabaseProxy {
  const { vpc, vpcSubnets, securityGroups } = database.placement
  const group = new SecurityGroup(database, 'ProxyAccess', {
    vpc,
    description: 'The proxy of the database',
    allowAllOutbound: false,
  })
  for (const clients of securityGroups)
    group.connections.allowFrom(clients, Port.tcp(5432), 'functions that connect')
  return new DatabaseProxy(database, 'Proxy', {
    proxyTarget: ProxyTarget.fromInstance(database.instance),
    dbProxyName: nameOf(config),
    vpc,
    vpcSubnets,
    securityGroups: [group],
    secrets: [database.write, database.read],
    requireTLS: true,
    clientPasswordAuthType: ClientPasswordAuthType.POSTGRES_SCRAM_SHA_256,
  })
}
