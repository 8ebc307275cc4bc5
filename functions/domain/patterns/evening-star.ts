import { longBody, noLongBody, past } from './margins.ts'
import { full, ofBefore, ofThird, type Pattern } from './pattern.ts'

/** A long white body, a small one with a gap up, and a black one that closes well within the first. */
export const eveningStar: Pattern = {
  name: 'evening_star',
  source: 'CDLEVENINGSTAR',
  candles: 3,
  bars: 13,
  forms: [
    {
      direction: 'bearish',
      colors: ['black', 'any', 'white'],
      conditions: {
        gap_up: (_candle, star, first) => past(10 * (star.bottom - first.top), star.ranges10),
        closes_within: (candle, _star, first) =>
          past(10 * (first.close - candle.close) - 3 * first.body, 10 * first.body),
        long_first_body: ofThird(longBody),
        no_long_star: ofBefore(noLongBody),
        long_body: longBody,
      },
      strength: full,
    },
  ],
}
