import { type Decimal, unitsAt } from '../decimal.ts'
import type { Crossing, Direction, Level, Relation } from './condition.ts'

/** What a record says that conditions can be about. Prices and volumes are exact. */
export type Reading =
  | { readonly type: 'bar'; readonly values: ReadonlyMap<string, Decimal> }
  | { readonly type: 'indicators'; readonly values: ReadonlyMap<string, number> }

/** Whether the left value is below (-1), at (0) or above (1) the right one. */
export type Side = -1 | 0 | 1

/** On which side the values of a condition are; undefined where the record is not about them, or lacks one. */
export function sideOf({ of, left, right }: Level | Crossing, reading: Reading): Side | undefined {
  if (of !== reading.type) return undefined
  if (reading.type === 'bar') {
    const [one, other] = [
      reading.values.get(left),
      right.type === 'number' ? right.number : reading.values.get(right.name),
    ]
    return one && other && compareDecimals(one, other)
  }
  const one = reading.values.get(left)
  const other = right.type === 'number' ? right.double : reading.values.get(right.name)
  return one === undefined || other === undefined ? undefined : signOf(one, other)
}

/** Whether a relation holds for a side. */
export function holds(relation: Relation, side: Side): boolean {
  switch (relation) {
    case '>':
      return side > 0
    case '>=':
      return side >= 0
    case '<':
      return side < 0
    case '<=':
      return side <= 0
    default:
      return relation satisfies never
  }
}

/** Whether a value that was on one side, or at the line, is now beyond it. */
export function hasCrossed(to: Crossing['to'], before: Side | undefined, now: Side): boolean {
  if (before === undefined) return false
  return to === 'above' ? before <= 0 && now > 0 : before >= 0 && now < 0
}

/** Whether a pattern that was found is one of those that are wanted. */
export function isWanted(
  wanted: { readonly pattern: string | undefined; readonly direction: Direction | undefined },
  found: { readonly pattern: string; readonly direction: Direction },
): boolean {
  const { pattern = found.pattern, direction = found.direction } = wanted
  return pattern === found.pattern && direction === found.direction
}

/** Compares two decimals exactly. */
export function compareDecimals(one: Decimal, other: Decimal): Side {
  const scale = Math.max(one.scale, other.scale)
  return signOf(unitsAt(one, scale), unitsAt(other, scale))
}

function signOf(one: number | bigint, other: number | bigint): Side {
  if (one > other) return 1
  return one < other ? -1 : 0
}
