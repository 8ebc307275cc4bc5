/** What SDK clients are given beside what they read from the environment: nothing but a region and keys for emulators. */
export function clientOptions(environment: NodeJS.ProcessEnv = process.env): {
  region?: string
  credentials?: { accessKeyId: string; secretAccessKey: string }
} {
  if (environment['AWS_ENDPOINT_URL'] === undefined) return {}
  return {
    region: environment['AWS_REGION'] ?? 'us-east-1',
    ...(environment['AWS_ACCESS_KEY_ID'] === undefined && {
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    }),
  }
}
