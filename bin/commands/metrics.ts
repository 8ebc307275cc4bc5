import { Command } from 'commander'

import type { DeploymentOptions } from '../stage/find-deployment.ts'
import type { MetricsOptions } from '../stage/metrics.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import { action } from '../terminal/action.ts'
import { wholeNumber } from '../terminal/arguments.ts'

const command = new Command('metrics')
  .description('show the metrics of a deployment as CloudWatch would')
  .option('--minutes <minutes>', 'minutes that the statistics cover', wholeNumber(1, 1440), 5)
  .option('--json', 'print JSON, one line each time')
  .option('--once', 'print once and end')
  .action(
    action(async (options: MetricsOptions & DeploymentOptions) => {
      const work = await import('../stage/metrics.ts')
      return await onDeployment(options, (deployed) => work.metrics(deployed, options))
    }),
  )

export const metrics = deploymentOptions(command)
