import {
  GatewayVpcEndpointAwsService,
  IpAddresses,
  type ISubnet,
  type IVpc,
  Port,
  Peer,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2'
import { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { Config } from './config/config.ts'
import { importSubnets, importVpc } from './existing-network.ts'
import { addFlowLogs } from './flow-logs.ts'

/**
 * The network of the venue feed, apart from that of the database: two public subnets and no NAT gateway. A task has an address
 * of its own, which costs a ninth of a gateway, and takes no connection. Or subnets of a network that exists, with a way out.
 */
export class VenueNetwork extends Construct {
  readonly vpc: IVpc
  readonly access: SecurityGroup
  /** Where the tasks run, each in a zone of its own. */
  readonly subnets: readonly ISubnet[]
  /** Whether a task has a public address, as it needs without a NAT gateway. */
  readonly isPublic: boolean

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id)
    const { vpcId, venueSubnets } = config
    this.isPublic = vpcId === undefined
    this.vpc = vpcId === undefined ? this.#create(config) : importVpc(this, vpcId)
    this.subnets =
      (venueSubnets === undefined ? undefined : importSubnets(this, venueSubnets.split(','))) ??
      this.vpc.publicSubnets
    this.access = new SecurityGroup(this, 'Access', {
      vpc: this.vpc,
      description: 'The venue feed: it takes no connection',
      allowAllOutbound: false,
    })
    this.access.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'to venues and AWS')
    // Binance's WebSocket.
    this.access.addEgressRule(Peer.anyIpv4(), Port.tcp(9443), 'to venues')
  }

  #create(config: Config): Vpc {
    const vpc = new Vpc(this, 'Vpc', {
      vpcName: `${nameOf(config)}-venues`,
      ipAddresses: IpAddresses.cidr('10.1.0.0/24'),
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [
        { subnetType: SubnetType.PUBLIC, name: 'venues', cidrMask: 27, mapPublicIpOnLaunch: false },
      ],
      restrictDefaultSecurityGroup: config.defaultSecurityGroup === 'closed',
    })
    addFlowLogs(this, vpc, { config, network: 'venue-network' })
    vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 })
    vpc.addGatewayEndpoint('DynamoDb', { service: GatewayVpcEndpointAwsService.DYNAMODB })
    return vpc
  }
}
