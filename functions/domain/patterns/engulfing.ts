import { above, notShortOf } from './margins.ts'
import { type Conditions, type Pattern, strengthOfTwo as strength } from './pattern.ts'

const conditions: Conditions = {
  top_covers: (candle, before) => notShortOf(candle.top - before.top, before.body),
  bottom_covers: (candle, before) => notShortOf(before.bottom - candle.bottom, before.body),
  longer_body: (candle, before) => above(candle.body, before.body),
}

/** A body that covers the body before it, which has the other colour. */
export const engulfing: Pattern = {
  name: 'engulfing',
  source: 'CDLENGULFING',
  candles: 2,
  bars: 3,
  forms: [
    { direction: 'bullish', colors: ['white', 'black'], conditions, strength },
    { direction: 'bearish', colors: ['black', 'white'], conditions, strength },
  ],
}
