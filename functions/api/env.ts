import * as z from 'zod'

import { analysisFields } from '../shared/runtime/analysis-fields.ts'
import { databaseAccessSchema } from '../shared/postgres/access.ts'
import { databaseTlsSchema } from '../shared/postgres/tls.ts'
import { parseTradingHours } from '../shared/runtime/trading-hours.ts'

/** The API's environment; set by `lib/api.ts`. */
export const apiEnvironment = z
  .object({
    /** Which indicators are computed; the config's `indicators`. */
    INDICATORS: analysisFields.indicators,
    /** Which patterns are looked for; the config's `patterns`. */
    PATTERNS: analysisFields.patterns,
    /** When a day of the vwap begins; the config's `vwapAnchor`. */
    VWAP_ANCHOR: analysisFields.vwapAnchor,
    /** When trades are expected; the config's `tradingHours`. */
    TRADING_HOURS: z.string().transform(parseTradingHours),
    /** Origins that browsers may call from, with commas between them; empty for none, `*` for all. */
    CORS_ORIGINS: z.string().transform((text) => text.split(',').filter((origin) => origin !== '')),
  })
  .and(databaseTlsSchema)
  .and(databaseAccessSchema)

export type ApiEnvironment = z.input<typeof apiEnvironment>
