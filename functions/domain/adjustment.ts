/** By which kinds of corporate actions bars are adjusted. */
export const ADJUSTMENTS = {
  raw: [],
  split: ['split'],
  dividend: ['dividend'],
  all: ['split', 'dividend'],
} as const

export type AdjustmentName = keyof typeof ADJUSTMENTS

/** The names, as a list that is not empty. */
export const ADJUSTMENT_NAMES = ['raw', 'split', 'dividend', 'all'] as const satisfies AdjustmentName[]

/** An exact fraction; the denominator is positive. */
export type Fraction = { readonly numerator: bigint; readonly denominator: bigint }

const ONE: Fraction = { numerator: 1n, denominator: 1n }

/** What every price and volume before a time is multiplied by. */
export type Effect = {
  /** Unix milliseconds. */
  readonly before: number
  readonly price: Fraction
  readonly volume: Fraction
}

/** Fractions with one denominator, the unit: a value times a multiplier is exact, and is divided by the unit in the end. */
export type Scale = { readonly unit: bigint; readonly multipliers: readonly bigint[] }

/** What values are multiplied by, from each of some times on. */
export type Adjustment = {
  /** Unix milliseconds, ascending; the first is `-Infinity`. */
  readonly from: readonly number[]
  readonly price: Scale
  readonly volume: Scale
  /** Of price times volume. */
  readonly notional: Scale
}

/** What a split does: `newShares` replace `oldShares`. */
export function splitEffect(before: number, newShares: bigint, oldShares: bigint): Effect {
  return {
    before,
    price: reduced(oldShares, newShares),
    volume: reduced(newShares, oldShares),
  }
}

/**
 * What a cash dividend does, by the standard of CRSP that Yahoo names, too (https://help.yahoo.com/kb/SLN28256.html):
 * earlier prices are multiplied by 1 - dividend / close before the ex-date, volumes stay.
 *
 * @param amount and `close`: in the same units
 * @returns undefined where the dividend is not less than the close, so that no price could be positive
 */
export function dividendEffect(before: number, amount: bigint, close: bigint): Effect | undefined {
  return amount < close ? { before, price: reduced(close - amount, close), volume: ONE } : undefined
}

/** Adds up what some actions do; undefined where that is nothing. */
export function adjustmentOf(effects: readonly Effect[]): Adjustment | undefined {
  const segments: { readonly from: number; readonly price: Fraction; readonly volume: Fraction }[] = []
  let [price, volume] = [ONE, ONE]
  const byTime = Map.groupBy(effects, ({ before }) => before)
  for (const [before, ofTime] of [...byTime].toSorted(([one], [other]) => other - one)) {
    segments.unshift({ from: before, price, volume })
    for (const effect of ofTime) {
      price = product(price, effect.price)
      volume = product(volume, effect.volume)
    }
  }
  segments.unshift({ from: -Infinity, price, volume })
  if (segments.every((segment) => isOne(segment.price) && isOne(segment.volume))) return undefined
  return {
    from: segments.map(({ from }) => from),
    price: scaleOf(segments.map((segment) => segment.price)),
    volume: scaleOf(segments.map((segment) => segment.volume)),
    notional: scaleOf(segments.map((segment) => product(segment.price, segment.volume))),
  }
}

/** The part of an adjustment that a span of Unix milliseconds needs. */
export function adjustmentWithin(
  { from, price, volume, notional }: Adjustment,
  span: { readonly from: number; readonly to: number },
): Adjustment {
  const isNeeded = (_: unknown, place: number): boolean =>
    (from[place] ?? 0) < span.to && (from[place + 1] ?? Infinity) > span.from
  const cut = ({ unit, multipliers }: Scale): Scale => ({ unit, multipliers: multipliers.filter(isNeeded) })
  return {
    from: from.filter(isNeeded),
    price: cut(price),
    volume: cut(volume),
    notional: cut(notional),
  }
}

function scaleOf(fractions: readonly Fraction[]): Scale {
  const unit = fractions.reduce(
    (common, { denominator }) => (common / greatestDivisor(common, denominator)) * denominator,
    1n,
  )
  return {
    unit,
    multipliers: fractions.map(({ numerator, denominator }) => numerator * (unit / denominator)),
  }
}

function product(one: Fraction, other: Fraction): Fraction {
  return reduced(one.numerator * other.numerator, one.denominator * other.denominator)
}

/** In lowest terms. */
export function reduced(numerator: bigint, denominator: bigint): Fraction {
  const divisor = greatestDivisor(numerator, denominator)
  return { numerator: numerator / divisor, denominator: denominator / divisor }
}

function greatestDivisor(one: bigint, other: bigint): bigint {
  let [left, right] = [one, other]
  while (right !== 0n) [left, right] = [right, left % right]
  return left < 0n ? -left : left
}

function isOne({ numerator, denominator }: Fraction): boolean {
  return numerator === denominator
}
