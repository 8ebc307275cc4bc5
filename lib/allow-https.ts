import { Peer, Port, type SecurityGroup } from 'aws-cdk-lib/aws-ec2'

import type { Config } from './config/config.ts'

/** Lets functions in a network call AWS: the addresses of the config, or any to which the network has a route. */
export function allowHttps(group: SecurityGroup, { egress }: Pick<Config, 'egress'>): void {
  if (egress === undefined) {
    // In a network of our own there is no route but to the gateway endpoints, whose addresses differ by region.
    group.connections.allowToAnyIpv4(Port.HTTPS, 'to S3')
    return
  }
  for (const each of egress.split(','))
    group.addEgressRule(
      each.startsWith('pl-') ? Peer.prefixList(each) : Peer.ipv4(each),
      Port.HTTPS,
      'to AWS',
    )
}
