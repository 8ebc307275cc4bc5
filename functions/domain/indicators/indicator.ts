import { ONE } from '../series.ts'
import type { Depth, Series, SeriesBar } from '../series.ts'

/**
 * What an indicator remembers: numbers in fixed places, changed in place. Plain JSON, quick to copy, and kept by the
 * engine as bare doubles.
 */
export type IndicatorState = number[]

/** A bar, the series that ends with it, and where the values of the indicators go. */
export type Frame = {
  readonly bar: SeriesBar
  /** The close before the bar; that of the bar itself where it is the first. */
  readonly closeBefore: number
  /** The close as a price, not in units. */
  readonly closePrice: number
  readonly series: Series
  readonly values: Float64Array
}

/** An indicator with its parameters set. */
export type Indicator<State extends IndicatorState = IndicatorState> = {
  /** How many bars back it looks. */
  readonly depth: Partial<Depth>
  /**
   * Bars after which nothing is left in its values of those before, to the precision of a double; `Infinity` for one that
   * never forgets.
   */
  readonly fadesAfter: number
  /** How many numbers it remembers; each is 0 before the first bar. */
  readonly size: number
  /** Takes a bar, and writes the values it has, if it has them yet, to `values` from `at` on. */
  next(state: State, frame: Frame, at: number): void
  /** Sets the state of one that never forgets to that after its first value was this. */
  resume?(state: State, value: number): void
}

/** What a parameter may be. */
export type ParameterRule = {
  readonly min: number
  readonly max: number
  readonly kind: 'whole' | 'any'
}

/** What an indicator may need beside its parameters. */
export type Surroundings = {
  /** Number of the vwap's day that contains a time (Unix seconds). */
  readonly vwapDayOf: (seconds: number) => number
}

/** A kind of indicator, as the table lists it. */
export type IndicatorKind<Name extends string = string> = {
  /** In the order in which they are written: `macd(12,26,9)`. */
  readonly parameters: Readonly<Record<Name, ParameterRule>>
  /** Names of the values, in the order in which they are written. */
  readonly outputs: readonly string[]
  create(parameters: Readonly<Record<Name, number>>, surroundings: Surroundings): Indicator
}

/** Bars that any period may span. */
export const LONGEST = 500

/** A number of bars. */
export const PERIOD: ParameterRule = { min: 2, max: LONGEST, kind: 'whole' }

/** A change where it is a rise, else 0. Exact, and without a branch, which would be guessed wrong at every second bar. */
export function riseOf(change: number): number {
  return (change + Math.abs(change)) / 2
}

/** The price of a number of units. */
export function price(units: number): number {
  return units / ONE
}
