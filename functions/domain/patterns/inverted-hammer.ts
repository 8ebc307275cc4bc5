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
        short_body: ([candle]) => shortBody(candle),
        long_upper_shadow: ([candle]) => longUpperShadow(candle),
        hardly_lower_shadow: ([candle]) => hardlyLowerShadow(candle),
        gap_down: ([candle, before]) => past(10 * (before.bottom - candle.top), candle.ranges10),
      },
      strength: full,
    },
  ],
}
