import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda'

import { nameOf } from '../../functions/shared/runtime/deployment-name.ts'
import { UsageError } from '../terminal/errors.ts'
import { clientOptions } from './client-options.ts'
import type { DeployedStage } from './find-deployment.ts'

/**
 * The environment that a part's function has in a running deployment: where its tables, streams and buckets are.
 *
 * @throws UsageError when no such function is deployed there
 */
export async function deployedEnvironment(
  part: string,
  { prefix, stage, environment }: Pick<DeployedStage, 'prefix' | 'stage' | 'environment'>,
): Promise<Readonly<Record<string, string>>> {
  const options = clientOptions('LAMBDA', environment)
  const FunctionName = `${nameOf({ prefix, stage })}-${part}`
  try {
    const configuration = await new LambdaClient(options).send(
      new GetFunctionConfigurationCommand({ FunctionName }),
    )
    return configuration.Environment?.Variables ?? {}
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ResourceNotFoundException')) throw error
    throw new UsageError(
      `there is no function ${FunctionName} at ${options.endpoint ?? 'AWS'}; is stage ${stage} deployed there?`,
    )
  }
}
