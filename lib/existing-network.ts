import { Annotations, Stack } from 'aws-cdk-lib'
import { type ISubnet, type IVpc, SecurityGroup, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2'
import { Construct } from 'constructs'

import { allowHttps } from './allow-https.ts'
import type { Config } from './config/config.ts'
import type { Placement } from './database.ts'

export type ExistingNetworkProps = {
  readonly config: Config
  readonly vpcId: string
  readonly subnets: readonly string[]
}

/** A network by its id; its zones are those of the subnets that are used. */
export function importVpc(scope: Construct, vpcId: string): IVpc {
  return Vpc.fromVpcAttributes(scope, 'Vpc', { vpcId, availabilityZones: Stack.of(scope).availabilityZones })
}

/** Subnets by their ids; nothing asks for their route tables. */
export function importSubnets(scope: Construct, ids: readonly string[]): ISubnet[] {
  return ids.map((subnetId, index) => {
    const subnet = Subnet.fromSubnetId(scope, `Subnet${index}`, subnetId)
    Annotations.of(subnet).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId')
    return subnet
  })
}

/** A network of somebody else's: its endpoints, routes and logs are as its owner has made them. */
export class ExistingNetwork extends Construct {
  /** Where functions that connect to the database run. */
  readonly clients: Placement

  constructor(scope: Construct, id: string, { config, vpcId, subnets }: ExistingNetworkProps) {
    super(scope, id)
    const vpc = importVpc(this, vpcId)
    const clients = new SecurityGroup(this, 'Clients', {
      vpc,
      description: 'Functions that connect to the database',
      allowAllOutbound: false,
    })
    allowHttps(clients, config)
    this.clients = {
      vpc,
      vpcSubnets: {
        subnets: importSubnets(this, subnets),
      },
      securityGroups: [clients],
    }
  }
}
