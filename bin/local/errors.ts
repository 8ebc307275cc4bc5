/** A command cannot do what it was asked to; the message says why and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** A sentence for what an AWS client throws when it has no account, no answer or no permission. */
export function explain(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const endpoint = process.env['AWS_ENDPOINT_URL']
  if (error.name === 'CredentialsProviderError' || error.message === 'Region is missing')
    return `${error.message}: set AWS_ENDPOINT_URL to a deployment on this machine (npm start prints it), or AWS_REGION and the credentials of an AWS account`
  if ('code' in error && error.code === 'ECONNREFUSED' && endpoint !== undefined)
    return `nothing answers at ${endpoint} (${error.message}); is the deployment running? npm start prints its endpoint`
  return '$metadata' in error ? `${error.name}: ${error.message}` : undefined
}
