import {
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2'
import { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import { allowHttps } from './allow-https.ts'
import type { Config } from './config/config.ts'
import type { Placement } from './database.ts'
import { ofThisAccount } from './endpoint-policy.ts'
import { addFlowLogs } from './flow-logs.ts'

const ISOLATED = { subnetType: SubnetType.PRIVATE_ISOLATED }

/**
 * A network without internet access, in two zones as RDS requires. Only functions that connect to the database run
 * in it. They need Secrets Manager, and with an archive Kinesis (interface endpoints: each about a quarter of a NAT
 * gateway's price per zone), and S3 (a gateway endpoint: free).
 */
export class Network extends Construct {
  readonly vpc: Vpc
  /** Where functions that connect to the database run. */
  readonly clients: Placement

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id)
    this.vpc = new Vpc(this, 'Vpc', {
      vpcName: nameOf(config),
      ipAddresses: IpAddresses.cidr('10.0.0.0/20'),
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ ...ISOLATED, name: 'database', cidrMask: 24 }],
      restrictDefaultSecurityGroup: config.defaultSecurityGroup === 'closed',
    })
    addFlowLogs(this, this.vpc, { config, network: 'network' })
    const clients = new SecurityGroup(this, 'Clients', {
      vpc: this.vpc,
      description: 'Functions that connect to the database',
      allowAllOutbound: false,
    })
    this.clients = { vpc: this.vpc, vpcSubnets: ISOLATED, securityGroups: [clients] }
    this.#addEndpoints(config, clients)
  }

  #addEndpoints(config: Config, clients: SecurityGroup): void {
    const { S3, DYNAMODB } = GatewayVpcEndpointAwsService
    for (const [id, service] of [
      ['S3', S3],
      ['DynamoDb', DYNAMODB],
    ] as const)
      this.vpc.addGatewayEndpoint(id, { service }).addToPolicy(ofThisAccount(this))
    const { KINESIS_STREAMS, SECRETS_MANAGER } = InterfaceVpcEndpointAwsService
    const options = { config, clients }
    this.#addInterface('SecretsManager', { ...options, service: SECRETS_MANAGER, called: 'Secrets Manager' })
    // The rebuilder puts bars and signals.
    if (config.archive === 'on')
      this.#addInterface('Kinesis', { ...options, service: KINESIS_STREAMS, called: 'Kinesis' })
    allowHttps(clients, config)
  }

  #addInterface(
    id: string,
    {
      config,
      clients,
      service,
      called,
    }: {
      readonly config: Config
      readonly clients: SecurityGroup
      readonly service: InterfaceVpcEndpointAwsService
      readonly called: string
    },
  ): void {
    const group = new SecurityGroup(this, `${id}Access`, {
      vpc: this.vpc,
      description: `${called} inside the network`,
      allowAllOutbound: false,
    })
    const endpoint = this.vpc.addInterfaceEndpoint(id, {
      service,
      // One zone serves both, at half the price, until that zone fails.
      subnets:
        config.databaseZones === 'multi'
          ? ISOLATED
          : { ...ISOLATED, availabilityZones: this.vpc.availabilityZones.slice(0, 1) },
      securityGroups: [group],
      open: false,
    })
    endpoint.addToPolicy(ofThisAccount(this))
    group.addIngressRule(clients, Port.HTTPS, 'from functions that connect to the database')
    clients.addEgressRule(group, Port.HTTPS, `to ${called}`)
  }
}
