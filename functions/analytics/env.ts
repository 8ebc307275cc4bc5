import * as z from 'zod'

import { analysisFields } from '../shared/runtime/analysis-fields.ts'
import { minuteRules } from '../minute-state/rules.ts'

/** The analytics part's environment; set by `lib/analytics.ts`. */
export const analyticsEnvironment = z.object({
  /** Name of the table `indicator-state`. */
  INDICATOR_STATE_TABLE: z.string().min(1),
  /** Name of the stream `signals`. */
  SIGNALS_STREAM: z.string().min(1),
  /** Where the feature flags are. */
  FLAGS_PATH: z.string().startsWith('/'),
  /** How late a tick may be, and so how far back a bar may be revised. */
  LATENESS_SECONDS: minuteRules.LATENESS_SECONDS,
  INDICATORS: analysisFields.indicators,
  PATTERNS: analysisFields.patterns,
  VWAP_ANCHOR: analysisFields.vwapAnchor,
})

export type AnalyticsEnvironment = z.input<typeof analyticsEnvironment>
