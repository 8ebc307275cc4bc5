import { hardlyUpperShadow, longLowerShadow, near, shortBody } from './margins.ts'
import { full, type Pattern } from './pattern.ts'

/** The shape of a hammer, near the high of the candle before. */
export const hangingMan: Pattern = {
  name: 'hanging_man',
  source: 'CDLHANGINGMAN',
  candles: 2,
  bars: 12,
  forms: [
    {
      direction: 'bearish',
      conditions: {
        short_body: shortBody,
        long_lower_shadow: longLowerShadow,
        hardly_upper_shadow: hardlyUpperShadow,
        near_high_before: (candle, before) => near(before.high - candle.bottom, before),
      },
      strength: full,
    },
  ],
}
