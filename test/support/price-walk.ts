import { ONE } from '../../functions/domain/series.ts'
import type { SeriesBar } from '../../functions/domain/series.ts'

const START = 1_760_106_720

/** How prices go: where they begin, in what they are counted, and how far they usually go in a minute. */
export type Walk = { readonly from: number; readonly tick: number; readonly move: number }

/** Bars of a price that goes up and down at random, the same each time. Prices as they are, not in units. */
export function walk({ from, tick, move }: Walk, bars: number): SeriesBar[] {
  const random = seeded()
  const unit = Math.round(tick * ONE)
  const step = (share: number): number => Math.round((share * move) / tick) * unit
  let last = Math.round(from / tick) * unit
  return Array.from({ length: bars }, (_, index) => {
    const open = Math.max(unit, last + step(spread(random) / 5))
    const close = Math.max(unit, open + step(spread(random)))
    const high = Math.max(open, close) + step(random() / 2)
    const low = Math.max(unit, Math.min(open, close) - step(random() / 2))
    last = close
    const volume = Math.ceil(5000 * random()) * ONE
    const vwap = (high + low + random() * unit) / 2
    return { start: START + 60 * index, open, high, low, close, volume, vwap }
  })
}

/** From −3 to 3, seldom beyond 1. */
function spread(random: () => number): number {
  return Array.from({ length: 6 }, random).reduce((sum, each) => sum + each, -3)
}

/** Numbers from 0 to 1 (Numerical Recipes' linear congruence). */
function seeded(): () => number {
  let state = 1
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}
