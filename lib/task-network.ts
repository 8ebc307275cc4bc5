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

export type TaskNetworkProps = {
  readonly config: Config
  /** Its name, after that of the deployment. */
  readonly name: string
  /** Of its flow logs. */
  readonly log: 'venue-network' | 'bridge-network'
  /** Its addresses, apart from those of other networks of the stack. */
  readonly addresses: string
  /** Subnets of an existing network with a way out; undefined in one of the stack. */
  readonly subnets: string | undefined
  /** Of the security group of the tasks, and of the one rule in it, which lets them call others by HTTPS. */
  readonly description: string
  readonly outbound: string
}

/**
 * A network of tasks, apart from that of the database: two public subnets and no NAT gateway. A task has an address
 * of its own, which costs a ninth of a gateway. Or subnets of a network that exists, with a way out.
 */
export class TaskNetwork extends Construct {
  readonly vpc: IVpc
  /** Of the tasks: out by HTTPS, and nothing in. */
  readonly access: SecurityGroup
  /** Where the tasks run, each in a zone of its own. */
  readonly subnets: readonly ISubnet[]
  /** Whether a task has a public address, as it needs without a NAT gateway. */
  readonly isPublic: boolean

  constructor(scope: Construct, id: string, props: TaskNetworkProps) {
    super(scope, id)
    const { vpcId } = props.config
    this.isPublic = vpcId === undefined
    this.vpc = vpcId === undefined ? this.#create(props) : importVpc(this, vpcId)
    this.subnets =
      (props.subnets === undefined ? undefined : importSubnets(this, props.subnets.split(','))) ??
      this.vpc.publicSubnets
    this.access = new SecurityGroup(this, 'Access', {
      vpc: this.vpc,
      description: props.description,
      allowAllOutbound: false,
    })
    this.access.addEgressRule(Peer.anyIpv4(), Port.tcp(443), props.outbound)
  }

  #create({ config, name, log, addresses }: TaskNetworkProps): Vpc {
    const vpc = new Vpc(this, 'Vpc', {
      vpcName: `${nameOf(config)}-${name}`,
      ipAddresses: IpAddresses.cidr(addresses),
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [
        { subnetType: SubnetType.PUBLIC, name, cidrMask: 27, mapPublicIpOnLaunch: false },
      ],
      restrictDefaultSecurityGroup: config.defaultSecurityGroup === 'closed',
    })
    addFlowLogs(this, vpc, { config, network: log })
    vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 })
    vpc.addGatewayEndpoint('DynamoDb', { service: GatewayVpcEndpointAwsService.DYNAMODB })
    return vpc
  }
}
