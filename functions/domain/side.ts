/** Who took the liquidity of a trade; what a venue does not say is not known. */
export type TakerSide = 'buy' | 'sell'

/** Sides as numbers: 1 where a buyer took the liquidity, −1 a seller, 0 where it is not known. */
export const SIDES = { buy: 1, sell: -1, unknown: 0 } as const

/** The numbers of `SIDES` of trades, by their place less `from`; undefined where no side is known. */
export type Sides = Int8Array | undefined

export function isTakerSide(value: unknown): value is TakerSide {
  return value === 'buy' || value === 'sell'
}

/** The side of a number of `SIDES`. */
export function sideNamed(side: number | undefined): TakerSide | undefined {
  return side === SIDES.buy ? 'buy' : side === SIDES.sell ? 'sell' : undefined
}

/** The same sides, or undefined where none of them is known. */
export function knownSides(sides: Sides): Sides {
  return sides?.some((side) => side !== SIDES.unknown) === true ? sides : undefined
}

/** Sides of trades as numbers. */
export function sidesOf(sides: readonly (TakerSide | undefined)[]): Sides {
  if (sides.every((side) => side === undefined)) return undefined
  return Int8Array.from(sides, (side) => SIDES[side ?? 'unknown'])
}
