import { hardlyUpperShadow, longBody, near, notFarShorter, past } from './margins.ts'
import { full, ofBefore, ofThird, type Pattern } from './pattern.ts'

/** Three white candles, each opening in or near the body before it and closing higher, near its own high. */
export const threeWhiteSoldiers: Pattern = {
  name: 'three_white_soldiers',
  source: 'CDL3WHITESOLDIERS',
  candles: 3,
  bars: 13,
  forms: [
    {
      direction: 'bullish',
      colors: ['white', 'white', 'white'],
      conditions: {
        third_hardly_upper_shadow: hardlyUpperShadow,
        second_hardly_upper_shadow: ofBefore(hardlyUpperShadow),
        first_hardly_upper_shadow: ofThird(hardlyUpperShadow),
        third_closes_higher: (third, second) => past(third.close - second.close, second.body),
        second_closes_higher: (_third, second, first) => past(second.close - first.close, first.body),
        third_opens_higher: (third, second) => past(third.open - second.open, second.body),
        second_opens_higher: (_third, second, first) => past(second.open - first.open, first.body),
        third_opens_near: (third, second) => near(third.open - second.close, second),
        second_opens_near: (_third, second, first) => near(second.open - first.close, first),
        third_not_far_shorter: notFarShorter,
        second_not_far_shorter: (_third, second, first) => notFarShorter(second, first),
        third_long_body: longBody,
      },
      strength: full,
    },
  ],
}
