import * as z from 'zod'

import { symbolMatcher } from '../../../functions/shared/runtime/symbol-matcher.ts'
import { DEFAULT_INDICATORS } from '../../../functions/domain/indicators/table.ts'
import { DEFAULT_PATTERNS } from '../../../functions/domain/patterns/table.ts'
import { analysisFields } from '../../../functions/shared/runtime/analysis-fields.ts'
import { textReadBy } from '../../../functions/shared/runtime/text-read-by.ts'
import { wholeNumber } from '../field-types.ts'

/** How trades become bars, indicators and patterns. */
export const processingSettings = {
  /**
   * `low` invokes a function as soon as Lambda, which reads a shard once a second, finds a record; `economy` batches records for
   * up to 5 s, for a fraction of the invocations and table writes. `lowest`, on AWS: Kinesis pushes records (enhanced fan-out),
   * for a price per shard and consumer.
   * @default low; economy in `dev`
   */
  latency: z.enum(['lowest', 'low', 'economy']).default('low'),
  /**
   * How much older than the newest trade of its symbol a trade may be and still correct its bar, in seconds.
   * @default 120
   */
  latenessSeconds: wholeNumber({ min: 0, max: 3600 }).default(120),
  /**
   * How long no trade must have arrived before the clock closes the open bar of a past minute, in milliseconds.
   * @default 2000
   */
  graceMs: wholeNumber({ min: 0, max: 30_000 }).default(2000),
  /**
   * Symbols whose prices may be zero or below: `*` stands for any characters, commas between them, as `CL*,NG*`. Of any
   * other symbol such a price is rejected.
   * @default none
   */
  nonPositivePrices: textReadBy(symbolMatcher).default(''),
  /**
   * Which indicators run, with their parameters; `docs/indicators.md` lists them.
   * @default all, with the usual parameters
   */
  indicators: analysisFields.indicators.default(DEFAULT_INDICATORS),
  /**
   * Which candlestick patterns are searched for; `docs/patterns.md` lists them.
   * @default all
   */
  patterns: analysisFields.patterns.default(DEFAULT_PATTERNS),
  /**
   * When a day of the vwap begins: a time zone and a time of day; or an exchange or hours, as `tradingHours` takes them, whose open
   * begins it.
   * @default America/New_York 00:00
   */
  vwapAnchor: analysisFields.vwapAnchor.default('America/New_York 00:00'),
}
