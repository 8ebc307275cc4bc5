import type { GoldenRow } from './golden.ts'

/** A candle as a chart shows it, and means of the candles before it. Prices are as they are. */
export type Measured = Readonly<
  Record<
    | 'open'
    | 'high'
    | 'low'
    | 'close'
    | 'body'
    | 'upper_shadow'
    | 'lower_shadow'
    | 'mean_body_before'
    | 'mean_range_before'
    | 'mean_range_before_5',
    number
  >
>

/** Measures the bar at `index` of the golden set by hand; means are not a number where there are too few bars before. */
export function measure(rows: readonly GoldenRow[], index: number): Measured {
  const { open, high, low, close } = pricesOf(rows[index])
  const ten = rows.slice(Math.max(0, index - 10), index).map(pricesOf)
  const ranges = ten.map((each) => each.high - each.low)
  return {
    open,
    high,
    low,
    close,
    body: Math.abs(close - open),
    upper_shadow: high - Math.max(open, close),
    lower_shadow: Math.min(open, close) - low,
    mean_body_before: mean(
      ten.map((each) => Math.abs(each.close - each.open)),
      10,
    ),
    mean_range_before: mean(ranges, 10),
    mean_range_before_5: mean(ranges.slice(-5), 5),
  }
}

/** The margins of docs/patterns.md, by pattern, of candles oldest first; written anew, from the page and not the code. */
export const MARGINS: Readonly<
  Record<string, (...candles: [Measured, ...Measured[]]) => Readonly<Record<string, number>>>
> = {
  doji: (candle) => ({
    doji_body: size(candle.body, candle.mean_range_before / 10),
    range: distance(candle.high - candle.low, candle.mean_range_before),
  }),
  hammer: (before, candle = before) => ({
    ...hammerShape(candle),
    near_low_before: near(bottomOf(candle) - before.low, before),
  }),
  hanging_man: (before, candle = before) => ({
    ...hammerShape(candle),
    near_high_before: near(before.high - bottomOf(candle), before),
  }),
  inverted_hammer: (before, candle = before) => ({
    ...invertedShape(candle),
    gap_down: distance(bottomOf(before) - topOf(candle), candle.mean_range_before),
  }),
  shooting_star: (before, candle = before) => ({
    ...invertedShape(candle),
    gap_up: distance(bottomOf(candle) - topOf(before), candle.mean_range_before),
  }),
  engulfing: (before, candle = before) => ({
    top_covers: distance(topOf(candle) - topOf(before), before.body),
    bottom_covers: distance(bottomOf(before) - bottomOf(candle), before.body),
    longer_body: size(before.body, candle.body),
  }),
  harami: (before, candle = before) => ({
    long_body_before: size(before.mean_body_before, before.body),
    no_long_body: size(candle.body, candle.mean_body_before),
    top_within: distance(topOf(before) - topOf(candle), before.body),
    bottom_within: distance(bottomOf(candle) - bottomOf(before), before.body),
  }),
  morning_star: (first, star = first, candle = first) => ({
    gap_down: distance(bottomOf(first) - topOf(star), star.mean_range_before),
    closes_within: distance(candle.close - (first.close + 0.3 * first.body), first.body),
    ...starBodies(first, star, candle),
  }),
  evening_star: (first, star = first, candle = first) => ({
    gap_up: distance(bottomOf(star) - topOf(first), star.mean_range_before),
    closes_within: distance(first.close - 0.3 * first.body - candle.close, first.body),
    ...starBodies(first, star, candle),
  }),
  three_white_soldiers: (first, second = first, third = first) => ({
    first_hardly_upper_shadow: size(first.upper_shadow, first.mean_range_before / 10),
    second_hardly_upper_shadow: size(second.upper_shadow, second.mean_range_before / 10),
    third_hardly_upper_shadow: size(third.upper_shadow, third.mean_range_before / 10),
    second_closes_higher: distance(second.close - first.close, first.body),
    third_closes_higher: distance(third.close - second.close, second.body),
    second_opens_higher: distance(second.open - first.open, first.body),
    third_opens_higher: distance(third.open - second.open, second.body),
    second_opens_near: near(second.open - first.close, first),
    third_opens_near: near(third.open - second.close, second),
    second_not_far_shorter: notFarShorter(second, first),
    third_not_far_shorter: notFarShorter(third, second),
    third_long_body: size(third.mean_body_before, third.body),
  }),
  three_black_crows: (white, first = white, second = white, third = white) => ({
    first_hardly_lower_shadow: size(first.lower_shadow, first.mean_range_before / 10),
    second_hardly_lower_shadow: size(second.lower_shadow, second.mean_range_before / 10),
    third_hardly_lower_shadow: size(third.lower_shadow, third.mean_range_before / 10),
    second_opens_lower: distance(first.open - second.open, first.body),
    third_opens_lower: distance(second.open - third.open, second.body),
    second_opens_within: distance(second.open - first.close, first.body),
    third_opens_within: distance(third.open - second.close, second.body),
    second_closes_lower: distance(first.close - second.close, first.body),
    third_closes_lower: distance(second.close - third.close, second.body),
    first_closes_below_high: distance(white.high - first.close, first.body),
  }),
}

function pricesOf(row: GoldenRow | undefined) {
  const { open = Number.NaN, high = Number.NaN, low = Number.NaN, close = Number.NaN } = row?.talib ?? {}
  return { open, high, low, close }
}

function mean(values: readonly number[], of: number): number {
  return values.length < of ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / of
}

const topOf = ({ open, close }: Measured): number => Math.max(open, close)
const bottomOf = ({ open, close }: Measured): number => Math.min(open, close)

function size(smaller: number, larger: number): number {
  return smaller === larger ? 0 : 1 - smaller / larger
}

function distance(far: number, unit: number): number {
  return far === 0 ? 0 : far / (far + unit)
}

function near(far: number, before: Measured): number {
  const allowed = 0.2 * before.mean_range_before_5
  return distance(allowed - far, allowed)
}

function notFarShorter(candle: Measured, before: Measured): number {
  const allowed = 0.6 * before.mean_range_before_5
  return distance(allowed - (before.body - candle.body), allowed)
}

function hammerShape(candle: Measured) {
  return {
    short_body: size(candle.body, candle.mean_body_before),
    long_lower_shadow: size(candle.body, candle.lower_shadow),
    hardly_upper_shadow: size(candle.upper_shadow, candle.mean_range_before / 10),
  }
}

function invertedShape(candle: Measured) {
  return {
    short_body: size(candle.body, candle.mean_body_before),
    long_upper_shadow: size(candle.body, candle.upper_shadow),
    hardly_lower_shadow: size(candle.lower_shadow, candle.mean_range_before / 10),
  }
}

function starBodies(first: Measured, star: Measured, candle: Measured) {
  return {
    long_first_body: size(first.mean_body_before, first.body),
    no_long_star: size(star.body, star.mean_body_before),
    long_body: size(candle.mean_body_before, candle.body),
  }
}
