import { hardlyUpperShadow, longLowerShadow, near, shortBody } from './margins.ts'
import { full, type Pattern } from './pattern.ts'

/** A small body above a long lower shadow, near the low of the candle before. */
export const hammer: Pattern = {
  name: 'hammer',
  source: 'CDLHAMMER',
  candles: 2,
  bars: 12,
  forms: [
    {
      direction: 'bullish',
      conditions: {
        short_body: shortBody,
        long_lower_shadow: longLowerShadow,
        hardly_upper_shadow: hardlyUpperShadow,
        near_low_before: (candle, before) => near(candle.bottom - before.low, before),
      },
      strength: full,
    },
  ],
}
