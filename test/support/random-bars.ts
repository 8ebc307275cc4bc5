import fc from 'fast-check'

import { ONE } from '../../functions/domain/series.ts'
import type { SeriesBar } from '../../functions/domain/series.ts'

const START = 1_760_106_720

/** Bars with many ties, gaps between minutes and now and then no volume, in ticks of 0.01. */
export const barsArbitrary = ({ min, max }: { readonly min: number; readonly max: number }) =>
  fc
    .array(
      fc.record({
        open: fc.integer({ min: -3, max: 3 }),
        body: fc.integer({ min: -6, max: 6 }),
        upper: fc.integer({ min: 0, max: 4 }),
        lower: fc.integer({ min: 0, max: 4 }),
        volume: fc.constantFrom(0, 1, 250),
        minutes: fc.constantFrom(1, 1, 1, 2, 30),
      }),
      { minLength: min, maxLength: max },
    )
    .map(toBars)

type Shape = {
  readonly open: number
  readonly body: number
  readonly upper: number
  readonly lower: number
  readonly volume: number
  readonly minutes: number
}

function toBars(shapes: readonly Shape[]): SeriesBar[] {
  let last = 10_000
  let start = START
  return shapes.map(({ open: gap, body, upper, lower, volume, minutes }) => {
    const open = last + gap
    const close = open + body
    last = close
    start += 60 * minutes
    const tick = ONE / 100
    return {
      start,
      open: open * tick,
      high: (Math.max(open, close) + upper) * tick,
      low: (Math.min(open, close) - lower) * tick,
      close: close * tick,
      volume: volume * ONE,
      vwap: volume === 0 ? 0 : ((open + close) / 2) * tick,
    }
  })
}
