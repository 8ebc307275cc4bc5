import { RemovalPolicy } from 'aws-cdk-lib'
import { FlowLogDestination, FlowLogTrafficType, type Vpc } from 'aws-cdk-lib/aws-ec2'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'

import { pathOf } from '../functions/shared/runtime/deployment-name.ts'
import type { Config } from './config/config.ts'

/** Logs the connections of a network: those that were rejected, or all. */
export function addFlowLogs(
  scope: Construct,
  vpc: Vpc,
  {
    config,
    network,
  }: { readonly config: Config; readonly network: 'network' | 'venue-network' | 'bridge-network' },
): void {
  const isAll = config.flowLogs === 'all'
  const id = isAll ? 'All' : 'Rejected'
  vpc.addFlowLog(id, {
    trafficType: isAll ? FlowLogTrafficType.ALL : FlowLogTrafficType.REJECT,
    destination: FlowLogDestination.toCloudWatchLogs(
      new LogGroup(scope, `${id}Logs`, {
        logGroupName: `${pathOf(config)}/${network}/${id.toLowerCase()}`,
        retention: RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    ),
  })
}
