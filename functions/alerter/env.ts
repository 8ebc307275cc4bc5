import * as z from 'zod'

import { analysisFields } from '../shared/runtime/analysis-fields.ts'
import { textReadBy } from '../shared/runtime/text-read-by.ts'
import { parseTradingHours } from '../shared/runtime/trading-hours.ts'

/** The environment of the part `alerter`; set by `lib/alerter.ts`. */
export const alerterEnvironment = z.object({
  /** Name of the table `alerts`. */
  ALERTS_TABLE: z.string().min(1),
  /** Name of this function, with its alias where it has one: it calls itself when a rule has fired. */
  ALERTER_FUNCTION: z.string().min(1),
  /** Who says that a caller is an operator: the config's `access`. */
  ACCESS: z.enum(['keys', 'clients', 'people']),
  /** Which indicators run: rules can be about those. */
  INDICATORS: analysisFields.indicators,
  /** Which patterns are searched for. */
  PATTERNS: analysisFields.patterns,
  /** When a symbol can be silent. */
  TRADING_HOURS: textReadBy(parseTradingHours),
  /** Whether webhooks may go to private addresses, and without TLS. */
  PRIVATE_ADDRESSES: z.enum(['on', 'off']),
  /** ARN of the topic of alerts; empty where there is none. */
  ALERT_TOPIC: z.string(),
})

export type AlerterEnvironment = z.input<typeof alerterEnvironment>
