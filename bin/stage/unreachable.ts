import { UsageError } from '../terminal/errors.ts'
import type { DeployedStage } from './find-deployment.ts'

/** Explains an error on the way to a deployment, with what to do about it; any other error is returned as it is. */
export function explainUnreachable(
  error: unknown,
  { stage, at }: Pick<DeployedStage, 'stage' | 'at'>,
): unknown {
  if (!(error instanceof Error)) return error
  const reason = error.message
  if ('code' in error && error.code === 'ECONNREFUSED' && at !== 'AWS')
    return new UsageError(
      `nothing answers at ${at} (${reason}); is the deployment running? npm start prints its endpoint`,
      { cause: error },
    )
  if (error.name === 'CredentialsProviderError' || reason === 'Region is missing')
    return new UsageError(
      `${reason}: set AWS_REGION and the credentials of the AWS account that stage ${stage} is in`,
      { cause: error },
    )
  return error
}
