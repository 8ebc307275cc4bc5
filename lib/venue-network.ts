import { RemovalPolicy } from 'aws-cdk-lib'
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  Port,
  Peer,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'

import type { Config } from './config.ts'

/**
 * The network of the venue feed, apart from that of the database: two public subnets and no NAT gateway. A task has an address
 * of its own, which costs a ninth of a gateway, and takes no connection.
 */
export class VenueNetwork extends Construct {
  readonly vpc: Vpc
  readonly access: SecurityGroup

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id)
    this.vpc = new Vpc(this, 'Vpc', {
      vpcName: `tickstock-${config.stage}-venues`,
      ipAddresses: IpAddresses.cidr('10.1.0.0/24'),
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [
        { subnetType: SubnetType.PUBLIC, name: 'venues', cidrMask: 27, mapPublicIpOnLaunch: false },
      ],
      restrictDefaultSecurityGroup: false,
    })
    this.vpc.addFlowLog('Rejected', {
      trafficType: FlowLogTrafficType.REJECT,
      destination: FlowLogDestination.toCloudWatchLogs(
        new LogGroup(this, 'RejectedLogs', {
          logGroupName: `/tickstock/${config.stage}/venue-network/rejected`,
          retention: RetentionDays.ONE_MONTH,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      ),
    })
    this.vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 })
    this.vpc.addGatewayEndpoint('DynamoDb', { service: GatewayVpcEndpointAwsService.DYNAMODB })
    this.access = new SecurityGroup(this, 'Access', {
      vpc: this.vpc,
      description: 'The venue feed: it takes no connection',
      allowAllOutbound: false,
    })
    this.access.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'to venues and AWS')
    // Binance's WebSocket.
    this.access.addEgressRule(Peer.anyIpv4(), Port.tcp(9443), 'to venues')
  }
}
