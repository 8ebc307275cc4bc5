import type { Candles } from './candle.ts'
import { longBody, noLongBody, notShortOf } from './margins.ts'
import type { Conditions, Pattern } from './pattern.ts'

const conditions: Conditions = {
  long_body_before: ([, before]) => longBody(before),
  no_long_body: ([candle]) => noLongBody(candle),
  top_within: ([candle, before]) => notShortOf(before.top - candle.top, before.body),
  bottom_within: ([candle, before]) => notShortOf(candle.bottom - before.bottom, before.body),
}

/** 80 where one end of the body reaches that of the body before. */
function strength([candle, before]: Candles): 80 | 100 {
  return candle.top === before.top || candle.bottom === before.bottom ? 80 : 100
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
