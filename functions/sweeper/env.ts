import * as z from 'zod'

import { minuteRules } from '../minute-state/rules.ts'
import { parseTradingHours } from '../shared/runtime/trading-hours.ts'

/** The sweeper's environment; set by `lib/sweeper.ts`. */
export const sweeperEnvironment = z.object({
  /** Name of the table `minute-state`. */
  MINUTE_STATE_TABLE: z.string().min(1),
  /** Name of the stream `bars`. */
  BARS_STREAM: z.string().min(1),
  /** Where the feature flags are. */
  FLAGS_PATH: z.string().startsWith('/'),
  /** When trades are expected; the config's `tradingHours`. */
  TRADING_HOURS: z.string().transform(parseTradingHours),
  /** How long after its arrival a trade may be applied, in milliseconds: it is batched, and waits for a poll of its shard. */
  DELIVERY_MS: z.string().regex(/^\d+$/, 'expected whole milliseconds').transform(Number),
  ...minuteRules,
})

export type SweeperEnvironment = z.input<typeof sweeperEnvironment>
