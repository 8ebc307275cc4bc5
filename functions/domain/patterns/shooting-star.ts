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
        short_body: shortBody,
        long_upper_shadow: longUpperShadow,
        hardly_lower_shadow: hardlyLowerShadow,
        gap_up: (candle, before) => past(10 * (candle.bottom - before.top), candle.ranges10),
      },
      strength: full,
    },
  ],
}
