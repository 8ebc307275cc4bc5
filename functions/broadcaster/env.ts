import * as z from 'zod'

import { symbolMatcher } from '../shared/runtime/symbol-matcher.ts'

/** The broadcaster's environment; set by `lib/broadcaster.ts`. */
export const broadcasterEnvironment = z.object({
  /** Name of the table `connections`. */
  CONNECTIONS_TABLE: z.string().min(1),
  /** Name of the table `subscribers`. */
  SUBSCRIBERS_TABLE: z.string().min(1),
  /** Where the feature flags are. */
  FLAGS_PATH: z.string().startsWith('/'),
  /** Whether the stream `ticks` is read too. */
  LIVE_TICKS: z.enum(['on', 'off']),
  /** Name of the stream `ticks`. */
  TICKS_STREAM: z.string().min(1),
  /** Patterns of the symbols whose prices may be zero or below, with spaces between them. */
  NON_POSITIVE_PRICES: z.string().transform(symbolMatcher),
  /** Where messages to clients are posted; the SDK reads this variable. */
  AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI: z.url(),
})

export type BroadcasterEnvironment = z.input<typeof broadcasterEnvironment>
