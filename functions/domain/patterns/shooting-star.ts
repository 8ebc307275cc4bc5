import { hardlyLowerShadow, longUpperShadow, past, shortBody } from './margins.ts'
import { full, type Pattern } from './pattern.ts'

/** The shape of an inverted hammer, with a gap up from the body before. */
export const shootingStar: Pattern = {
  name: 'shooting_star',
  source: 'CDLSHOOTINGSTAR',
  candles: 2,
  bars: 12,
  forms: [
    {
      direction: 'bearish',
      conditions: {
        short_body: ([candle]) => shortBody(candle),
        long_upper_shadow: ([candle]) => longUpperShadow(candle),
        hardly_lower_shadow: ([candle]) => hardlyLowerShadow(candle),
        gap_up: ([candle, before]) => past(10 * (candle.bottom - before.top), candle.ranges10),
      },
      strength: full,
    },
  ],
}
