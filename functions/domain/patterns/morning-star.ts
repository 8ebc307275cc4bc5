import { longBody, noLongBody, past } from './margins.ts'
import { full, ofBefore, ofThird, type Pattern } from './pattern.ts'

/** A long black body, a small one with a gap down, and a white one that closes well within the first. */
export const morningStar: Pattern = {
  name: 'morning_star',
  source: 'CDLMORNINGSTAR',
  candles: 3,
  bars: 13,
  forms: [
    {
      direction: 'bullish',
      colors: ['white', 'any', 'black'],
      conditions: {
        gap_down: (_candle, star, first) => past(10 * (first.bottom - star.top), star.ranges10),
        closes_within: (candle, _star, first) =>
          past(10 * (candle.close - first.close) - 3 * first.body, 10 * first.body),
        long_first_body: ofThird(longBody),
        no_long_star: ofBefore(noLongBody),
        long_body: longBody,
      },
      strength: full,
    },
  ],
}
