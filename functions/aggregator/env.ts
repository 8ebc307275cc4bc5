import * as z from 'zod'

import { minuteRules } from '../minute-state/rules.ts'
import { symbolMatcher } from '../shared/runtime/symbol-matcher.ts'

/** The aggregator's environment; set by `lib/aggregator.ts`. */
export const aggregatorEnvironment = z.object({
  /** Name of the table `minute-state`. */
  MINUTE_STATE_TABLE: z.string().min(1),
  /** Name of the stream `bars`. */
  BARS_STREAM: z.string().min(1),
  /** Name of the dead-letter bucket. */
  DEAD_LETTER_BUCKET: z.string().min(1),
  /** Where the feature flags are. */
  FLAGS_PATH: z.string().startsWith('/'),
  /** Patterns of the symbols whose prices may be zero or below, with spaces between them. */
  NON_POSITIVE_PRICES: z.string().transform(symbolMatcher),
  ...minuteRules,
})

export type AggregatorEnvironment = z.input<typeof aggregatorEnvironment>
