import { Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2'
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct, DependencyGroup, type IDependable } from 'constructs'

import type { DatabaseTls } from '../functions/shared/postgres/tls.ts'
import type { Config } from './config/config.ts'
import type { Database, Placement } from './database.ts'
import { ExistingNetwork } from './existing-network.ts'
import { RDS_AUTHORITIES } from './rds-authorities.ts'
import { roleSecret } from './role-secret.ts'

export type ExistingDatabaseProps = {
  readonly config: Config
  readonly ownerSecretArn: string
  readonly vpcId: string
  readonly subnets: readonly string[]
}

/** A Postgres of somebody else's on AWS, with the secret of its owner; those of the two roles are made here. */
export class ExistingDatabase extends Construct implements Database {
  readonly owner: ISecret
  readonly write: ISecret
  readonly read: ISecret
  readonly alarms = []
  readonly byIam = undefined
  readonly ready: IDependable
  readonly identity: Database['identity']
  readonly placement: Placement
  readonly ownerTls: DatabaseTls
  readonly tls: DatabaseTls

  constructor(scope: Construct, id: string, props: ExistingDatabaseProps) {
    super(scope, id)
    const { config, ownerSecretArn } = props
    const network = new ExistingNetwork(this, 'Network', props)
    this.placement = network.clients
    this.#allow(config)
    this.owner = Secret.fromSecretCompleteArn(this, 'Owner', ownerSecretArn)
    const { databaseHost: host, databasePort: port, databaseName: dbname } = config
    const address = { host, port, dbname }
    this.write = roleSecret(this, 'Write', { config, username: 'app_readwrite', address })
    this.read = roleSecret(this, 'Read', { config, username: 'app_readonly', address })
    // With the rules of the network, which allow the connections.
    this.ready = new DependencyGroup(network, this, this.write, this.read)
    this.identity = { host, name: dbname }
    this.tls =
      config.databaseAuthority === 'public'
        ? { DATABASE_TLS: 'verify-public', DATABASE_PROXY_HOST: host }
        : { DATABASE_TLS: 'verify', DATABASE_CA_FILE: RDS_AUTHORITIES }
    this.ownerTls = this.tls
  }

  /** Lets the functions connect; into a security group of the database, where the config names it. */
  #allow({ databaseSecurityGroup, databasePort }: Config): void {
    const port = Port.tcp(databasePort)
    for (const clients of this.placement.securityGroups)
      if (databaseSecurityGroup === undefined) clients.addEgressRule(Peer.anyIpv4(), port, 'to the database')
      else
        clients.connections.allowTo(
          SecurityGroup.fromSecurityGroupId(this, 'Access', databaseSecurityGroup),
          port,
          'functions that connect',
        )
  }
}
