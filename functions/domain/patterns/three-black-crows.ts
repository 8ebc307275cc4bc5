import { hardlyLowerShadow, past } from './margins.ts'
import { full, ofBefore, ofThird, type Pattern } from './pattern.ts'

/** After a white candle, three black ones, each opening in the body before it and closing lower, near its own low. */
export const threeBlackCrows: Pattern = {
  name: 'three_black_crows',
  source: 'CDL3BLACKCROWS',
  candles: 4,
  bars: 14,
  forms: [
    {
      direction: 'bearish',
      colors: ['black', 'black', 'black', 'white'],
      conditions: {
        third_opens_lower: (third, second) => past(second.open - third.open, second.body),
        second_opens_lower: (_third, second, first) => past(first.open - second.open, first.body),
        third_opens_within: (third, second) => past(third.open - second.close, second.body),
        second_opens_within: (_third, second, first) => past(second.open - first.close, first.body),
        third_closes_lower: (third, second) => past(second.close - third.close, second.body),
        second_closes_lower: (_third, second, first) => past(first.close - second.close, first.body),
        first_closes_below_high: (_third, _second, first, before) =>
          past(before.high - first.close, first.body),
        third_hardly_lower_shadow: hardlyLowerShadow,
        second_hardly_lower_shadow: ofBefore(hardlyLowerShadow),
        first_hardly_lower_shadow: ofThird(hardlyLowerShadow),
      },
      strength: full,
    },
  ],
}
