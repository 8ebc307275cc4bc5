import { type Indicator, type IndicatorKind, type IndicatorState, PERIOD } from './indicator.ts'

type State = [taken: number, value: number]
const VALUE = 1

/** Exponential moving average of the close. */
export const ema: IndicatorKind<'period'> = {
  parameters: { period: PERIOD },
  outputs: ['ema'],
  create({ period }): Indicator<State> {
    const over = smoothing(period)
    return {
      depth: {},
      fadesAfter: 20 * period,
      size: 2,
      next(state, { closePrice, values }, at) {
        if (smooth(state, 0, closePrice, over)) values[at] = state[VALUE]
      },
    }
  },
}

/** A period, and the weight of a new value in its average. */
type Smoothing = { readonly period: number; readonly weight: number }

export function smoothing(period: number): Smoothing {
  return { period, weight: 2 / (period + 1) }
}

/**
 * Takes a value into an average, in place, whose seed is the mean of the first values. At `place` lies how many were
 * taken, and behind it their sum until there are `period`, the average from then on.
 *
 * @returns true when there is an average
 */
export function smooth(
  state: IndicatorState,
  place: number,
  value: number,
  { period, weight }: Smoothing,
): boolean {
  const taken = state[place] ?? 0
  const average = state[place + 1] ?? 0
  if (taken === period) {
    state[place + 1] = average + (value - average) * weight
    return true
  }
  state[place] = taken + 1
  state[place + 1] = taken + 1 < period ? average + value : (average + value) / period
  return taken + 1 === period
}
