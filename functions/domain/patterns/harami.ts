import { longBody, noLongBody, notShortOf } from './margins.ts'
import { type Conditions, ofBefore, type Pattern, strengthOfTwo as strength } from './pattern.ts'

const conditions: Conditions = {
  long_body_before: ofBefore(longBody),
  no_long_body: noLongBody,
  top_within: (candle, before) => notShortOf(before.top - candle.top, before.body),
  bottom_within: (candle, before) => notShortOf(candle.bottom - before.bottom, before.body),
}

/** A body within the long body before it, against whose direction it points. */
export const harami: Pattern = {
  name: 'harami',
  source: 'CDLHARAMI',
  candles: 2,
  bars: 12,
  forms: [
    { direction: 'bullish', colors: ['any', 'black'], conditions, strength },
    { direction: 'bearish', colors: ['any', 'white'], conditions, strength },
  ],
}
