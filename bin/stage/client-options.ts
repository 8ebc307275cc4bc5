type Service =
  | 'API_GATEWAY'
  | 'CLOUDWATCH_LOGS'
  | 'DYNAMODB'
  | 'KINESIS'
  | 'LAMBDA'
  | 'S3'
  | 'SECRETS_MANAGER'
  | 'SSM'

/**
 * Options of an SDK client, beside what it reads from the process by itself: where an endpoint is set, that endpoint
 * with a region and keys that any emulator accepts.
 */
export function clientOptions(
  service: Service,
  environment: NodeJS.ProcessEnv,
): {
  endpoint?: string
  region?: string
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
} {
  const endpoint = environment[`AWS_ENDPOINT_URL_${service}`] ?? environment['AWS_ENDPOINT_URL']
  if (endpoint === undefined) return {}
  const region = environment['AWS_REGION'] ?? 'us-east-1'
  if (environment['AWS_PROFILE'] !== undefined) return { endpoint, region }
  const sessionToken = environment['AWS_SESSION_TOKEN']
  return {
    endpoint,
    region,
    credentials: {
      accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? 'test',
      secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? 'test',
      ...(sessionToken !== undefined && { sessionToken }),
    },
  }
}
