import { Command } from 'commander'

import type { DeploymentOptions } from '../stage/find-deployment.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import { action } from '../terminal/action.ts'
import { wholeNumber } from '../terminal/arguments.ts'

function work() {
  return import('../stage/jobs/commands.ts')
}

const ID = 'id of the job'

const list = new Command('list')
  .description('list the newest jobs, one per line')
  .option('--limit <count>', 'how many (default: 20)', wholeNumber(1, 200))
  .option('--json', 'as JSON')
  .action(
    action(async (options: DeploymentOptions & { readonly limit?: number; readonly json?: boolean }) => {
      const { listJobs } = await work()
      return await onDeployment(options, (deployed) => listJobs(deployed, options))
    }),
  )

const show = new Command('show')
  .description('show a job: its progress, and which of its tasks have failed and why')
  .argument('<id>', ID)
  .option('--follow', 'until it has ended; Ctrl-C cancels it')
  .option('--json', 'as JSON')
  .action(
    action(
      async (
        id: string,
        options: DeploymentOptions & { readonly follow?: boolean; readonly json?: boolean },
      ) => {
        const { showJob } = await work()
        return await onDeployment(options, (deployed) => showJob(deployed, id, options))
      },
    ),
  )

const cancel = new Command('cancel')
  .description('start no more tasks of a job; those that run end by themselves')
  .argument('<id>', ID)
  .action(
    action(async (id: string, options: DeploymentOptions) => {
      const { cancelJob } = await work()
      return await onDeployment(options, (deployed) => cancelJob(deployed, id))
    }),
  )

const retry = new Command('retry')
  .description('run the tasks of a job again that failed, and those that were left when it was cancelled')
  .argument('<id>', ID)
  .action(
    action(async (id: string, options: DeploymentOptions) => {
      const { retryJob } = await work()
      return await onDeployment(options, (deployed) => retryJob(deployed, id))
    }),
  )

export const jobs = new Command('jobs')
  .description('list, show, cancel or retry the jobs of a deployment: rebuilds and exports')
  .addCommand(deploymentOptions(list))
  .addCommand(deploymentOptions(show))
  .addCommand(deploymentOptions(cancel))
  .addCommand(deploymentOptions(retry))
