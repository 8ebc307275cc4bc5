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
  ...minuteRules,
})

export type SweeperEnvironment = z.input<typeof sweeperEnvironment>
