import { RemovalPolicy } from 'aws-cdk-lib'
import { Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2'
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct, DependencyGroup, type IDependable } from 'constructs'

import { secretNameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { DatabaseTls } from '../functions/shared/postgres/tls.ts'
import type { Config } from './config/config.ts'
import type { Database, Placement } from './database.ts'
import { ExistingNetwork } from './existing-network.ts'
import { RDS_AUTHORITIES } from './rds-authorities.ts'

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
    this.write = this.#secretOf('Write', 'app_readwrite', config)
    this.read = this.#secretOf('Read', 'app_readonly', config)
    // With the rules of the network, which allow the connections.
    this.ready = new DependencyGroup(network, this, this.write, this.read)
    this.identity = { host: config.databaseHost, name: config.databaseName }
    this.tls =
      config.databaseAuthority === 'public'
        ? { DATABASE_TLS: 'verify-public', DATABASE_PROXY_HOST: config.databaseHost }
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

  #secretOf(name: string, username: string, config: Config): Secret {
    return new Secret(this, name, {
      secretName: secretNameOf(config, name.toLowerCase()),
      description: `How ${username} connects to the database of TickStock`,
      removalPolicy: RemovalPolicy.DESTROY,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({
          username,
          host: config.databaseHost,
          port: config.databasePort,
          dbname: config.databaseName,
        }),
        generateStringKey: 'password',
        excludePunctuation: true,
        passwordLength: 32,
      },
    })
  }
}
