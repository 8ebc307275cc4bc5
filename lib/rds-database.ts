import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import type { DatabaseInstance, DatabaseProxy } from 'aws-cdk-lib/aws-rds'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct, DependencyGroup, type IDependable } from 'constructs'

import type { DatabaseTls } from '../functions/shared/postgres/tls.ts'
import { type Config, connectionsOf } from './config/config.ts'
import { databaseAlarms } from './database-alarms.ts'
import { createDatabaseInstance } from './database-instance.ts'
import { createDatabaseProxy } from './database-proxy.ts'
import type { Database, Placement } from './database.ts'
import { ExistingNetwork } from './existing-network.ts'
import { Network } from './network.ts'
import { RDS_AUTHORITIES } from './rds-authorities.ts'
import { roleSecret } from './role-secret.ts'

/** Postgres on RDS, in a network of its own or one that exists, with a secret for each of its roles. */
export class RdsDatabase extends Construct implements Database {
  readonly instance: DatabaseInstance
  readonly owner: ISecret
  readonly write: ISecret
  readonly read: ISecret
  readonly alarms: readonly Alarm[]
  readonly byIam: DatabaseInstance | undefined
  readonly placement: Placement
  readonly ownerTls: DatabaseTls = { DATABASE_TLS: 'verify', DATABASE_CA_FILE: RDS_AUTHORITIES }
  readonly tls: DatabaseTls
  readonly ready: IDependable
  readonly identity: Database['identity']
  /** It is healthy only when the roles exist, so it is deployed after the migrations. */
  readonly proxy: DatabaseProxy | undefined

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id)
    const { vpcId, subnets } = config
    const network =
      vpcId === undefined || subnets === undefined
        ? new Network(this, 'Network', config)
        : new ExistingNetwork(this, 'Network', { config, vpcId, subnets: subnets.split(',') })
    this.placement = network.clients
    const owner = roleSecret(this, 'Owner', { config, username: 'tickstock_owner' })
    this.instance = createDatabaseInstance(this, { config, clients: this.placement, owner })
    this.byIam = config.databaseAccess === 'iam' ? this.instance : undefined
    this.owner = this.instance.secret ?? owner
    this.write = roleSecret(this, 'Write', { config, username: 'app_readwrite' }).attach(this.instance)
    this.read = roleSecret(this, 'Read', { config, username: 'app_readonly' }).attach(this.instance)
    this.ready = new DependencyGroup(
      network,
      this.instance,
      // With its rules, which allow the connections.
      ...this.instance.connections.securityGroups,
      this.owner,
      this.write,
      this.read,
    )
    this.identity = { host: this.instance.dbInstanceEndpointAddress, name: config.databaseName }
    this.proxy = config.databaseProxy === 'on' ? createDatabaseProxy(this, config) : undefined
    this.tls =
      this.proxy === undefined
        ? this.ownerTls
        : { DATABASE_TLS: 'verify-public', DATABASE_PROXY_HOST: this.proxy.endpoint }
    this.alarms = databaseAlarms(this, {
      config,
      instance: this.instance,
      connections: connectionsOf(config),
    })
  }
}
