import * as z from 'zod'

/** The broadcaster's environment; set by `lib/broadcaster.ts`. */
export const broadcasterEnvironment = z.object({
  /** Name of the table `connections`. */
  CONNECTIONS_TABLE: z.string().min(1),
  /** Where the feature flags are. */
  FLAGS_PATH: z.string().startsWith('/'),
  /** Where messages to clients are posted; the SDK reads this variable. */
  AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI: z.url(),
})

export type BroadcasterEnvironment = z.input<typeof broadcasterEnvironment>
