import * as z from 'zod'

import { analysisFields } from '../shared/runtime/analysis-fields.ts'
import { databaseAccessSchema } from '../shared/postgres/access.ts'
import { databaseTlsSchema } from '../shared/postgres/tls.ts'
import { parseTradingHours } from '../shared/runtime/trading-hours.ts'

/** The rebuilder's environment; set by `lib/rebuilder.ts`. */
export const rebuilderEnvironment = z
  .object({
    /** Name of the bucket `archive`. */
    ARCHIVE_BUCKET: z.string().min(1),
    /** Name of the bucket of exports. */
    EXPORTS_BUCKET: z.string().min(1),
    /** Name of the stream `bars`. */
    BARS_STREAM: z.string().min(1),
    /** Name of the stream `signals`. */
    SIGNALS_STREAM: z.string().min(1),
    /** Name of the table `indicator-state`. */
    INDICATOR_STATE_TABLE: z.string().min(1),
    INDICATORS: analysisFields.indicators,
    PATTERNS: analysisFields.patterns,
    VWAP_ANCHOR: analysisFields.vwapAnchor,
    /** When trades are expected, for bars of a session; the config's `tradingHours`. */
    TRADING_HOURS: z.string().transform(parseTradingHours),
    /** Allowed lateness, in seconds of the symbol's own event time. */
    LATENESS_SECONDS: z.string().regex(/^\d+$/, 'expected whole seconds').transform(Number),
  })
  .and(databaseTlsSchema)
  .and(databaseAccessSchema)

export type RebuilderEnvironment = z.input<typeof rebuilderEnvironment>
