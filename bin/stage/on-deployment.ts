import type { Command } from 'commander'

import { dataPath, DEFAULT_DATA } from './data-path.ts'
import { type DeployedStage, type DeploymentOptions, findDeployment } from './find-deployment.ts'
import { explainUnreachable } from './unreachable.ts'

/** Declares the options by which a command finds the deployment that it works on. */
export function deploymentOptions(command: Command): Command {
  return command
    .optionsGroup('Deployment (by default the npm start of this folder):')
    .option('--data <folder>', `data folder of a running npm start (default: ${DEFAULT_DATA})`)
    .option('--endpoint <url>', 'AWS endpoint (default: AWS_ENDPOINT_URL)')
    .option('--stage <stage>', 'the stage; another than local is on AWS, unless an endpoint is given')
    .option('--prefix <name>', 'the setting prefix of the deployment (default: tickstock)')
}

/**
 * Works on the deployment that options and environment name.
 *
 * @throws UsageError when there is none, nothing answers, or there are no credentials
 */
export async function onDeployment<Result>(
  { stage, prefix, endpoint, data }: DeploymentOptions,
  work: (deployed: DeployedStage) => Promise<Result>,
): Promise<Result> {
  const { readRunning } = await import('./running-deployment.ts')
  const deployed = findDeployment({
    options: {
      ...(stage !== undefined && { stage }),
      ...(prefix !== undefined && { prefix }),
      ...(endpoint !== undefined && { endpoint }),
      ...(data !== undefined && { data: dataPath(data) }),
    },
    environment: process.env,
    defaultData: dataPath(DEFAULT_DATA),
    readRunning,
  })
  try {
    return await work(deployed)
  } catch (error) {
    throw explainUnreachable(error, deployed)
  }
}
