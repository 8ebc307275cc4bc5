import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2'
import { RemovalPolicy } from 'aws-cdk-lib'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'

import type { Config } from './config.ts'
import type { Placement } from './database.ts'

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
      vpcName: `tickstock-${config.stage}`,
      ipAddresses: IpAddresses.cidr('10.0.0.0/20'),
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ ...ISOLATED, name: 'database', cidrMask: 24 }],
      restrictDefaultSecurityGroup: false,
    })
    this.vpc.addFlowLog('Rejected', {
      trafficType: FlowLogTrafficType.REJECT,
      destination: FlowLogDestination.toCloudWatchLogs(
        new LogGroup(this, 'RejectedLogs', {
          logGroupName: `/tickstock/${config.stage}/network/rejected`,
          retention: RetentionDays.ONE_MONTH,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      ),
    })
    const clients = new SecurityGroup(this, 'Clients', {
      vpc: this.vpc,
      description: 'Functions that connect to the database',
      allowAllOutbound: false,
    })
    this.clients = { vpc: this.vpc, vpcSubnets: ISOLATED, securityGroups: [clients] }
    this.#addEndpoints(config, clients)
  }

  #addEndpoints(config: Config, clients: SecurityGroup): void {
    this.vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 })
    this.vpc.addGatewayEndpoint('DynamoDb', { service: GatewayVpcEndpointAwsService.DYNAMODB })
    const { KINESIS_STREAMS, SECRETS_MANAGER } = InterfaceVpcEndpointAwsService
    const options = { config, clients }
    this.#addInterface('SecretsManager', { ...options, service: SECRETS_MANAGER, called: 'Secrets Manager' })
    // The rebuilder puts bars and signals.
    if (config.archive === 'on')
      this.#addInterface('Kinesis', { ...options, service: KINESIS_STREAMS, called: 'Kinesis' })
    // There is no route but to the gateway endpoint of S3, whose addresses differ by region.
    clients.connections.allowToAnyIpv4(Port.HTTPS, 'to S3')
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
    this.vpc.addInterfaceEndpoint(id, {
      service,
      // One zone serves both, at half the price, until that zone fails.
      subnets:
        config.databaseZones === 'multi'
          ? ISOLATED
          : { ...ISOLATED, availabilityZones: this.vpc.availabilityZones.slice(0, 1) },
      securityGroups: [group],
      open: false,
    })
    group.addIngressRule(clients, Port.HTTPS, 'from functions that connect to the database')
    clients.addEgressRule(group, Port.HTTPS, `to ${called}`)
  }
}
