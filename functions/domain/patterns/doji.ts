import { dojiBody, rangeShare } from './margins.ts'
import { full, type Pattern } from './pattern.ts'

/** Opens and closes at nearly the same price. */
export const doji: Pattern = {
  name: 'doji',
  source: 'CDLDOJI',
  candles: 1,
  bars: 11,
  forms: [
    {
      direction: 'neutral',
      conditions: { doji_body: dojiBody, range: rangeShare },
      strength: full,
    },
  ],
}
