import { ONE } from '../series.ts'
import type { Depth, Series } from '../series.ts'

/**
 * What an indicator remembers: numbers in fixed places, changed in place. Plain JSON, quick to copy, and kept by the
 * engine as bare doubles.
 */
export type IndicatorState = number[]

/**
 * Bars of a symbol in a row, and where the values of the indicators go. In each column the value of the nth bar of the
 * symbol, counted from 0, lies at n modulo its length, a power of two: `valueAt(column, n)`.
 */
export type Frame = {
  /** The first of the bars. */
  readonly from: number
  /** The bar behind the last. */
  readonly to: number
  /** Ends with the last of the bars, and reaches back before the first as far as indicators look. */
  readonly series: Series
  /** Closes as prices, not in units; of these bars only, as the following. */
  readonly closePrices: readonly number[]
  readonly volumes: readonly number[]
  readonly vwaps: readonly number[]
  /** A column for each output. */
  readonly values: Float64Array
  /** From a place in the column of an output to that in the next column. */
  readonly stride: number
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
  /**
   * Takes the bars of the frame, of which there is at least one. Writes the values that each has to `values`: the first
   * output of the first bar to `at`, of the next bar behind it, the second output `stride` further on.
   */
  take(state: State, frame: Frame, at: number): void
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
