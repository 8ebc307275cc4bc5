import { hardlyLowerShadow, longUpperShadow, past, shortBody } from './margins.ts'
import { full, type Pattern } from './pattern.ts'

/** A small body below a long upper shadow, with a gap down from the body before. */
export const invertedHammer: Pattern = {
  name: 'inverted_hammer',
  source: 'CDLINVERTEDHAMMER',
  candles: 2,
  bars: 12,
  forms: [
    {
      direction: 'bullish',
      conditions: {
        short_body: shortBody,
        long_upper_shadow: longUpperShadow,
        hardly_lower_shadow: hardlyLowerShadow,
        gap_down: (candle, before) => past(10 * (before.bottom - candle.top), candle.ranges10),
      },
      strength: full,
    },
  ],
}
