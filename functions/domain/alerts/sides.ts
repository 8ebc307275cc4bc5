import type { Side } from './evaluate.ts'

/** On which side a rule's value was in a minute; null in one that has no value any more. */
export type SideAt = {
  /** Unix seconds of the start of the minute. */
  readonly minute: number
  readonly revision: number
  readonly side: Side | null
}

/** Of one rule and symbol, the oldest first. */
export type Sides = readonly SideAt[]

/** Minutes that are kept, so that corrections of them find the minute before. */
export const KEPT_MINUTES = 8

/** What noting a minute comes to. */
export type Noted =
  /** This revision of the minute, or a later one, was noted before; or the minute is older than those that are kept. */
  | { readonly type: 'known' }
  | {
      readonly type: 'noted'
      readonly sides: Sides
      /** The side of the last minute before it that has one. */
      readonly before: Side | undefined
    }

/** Notes the side of a minute, or of its correction. */
export function noteSide(sides: Sides, at: SideAt): Noted {
  const same = sides.find(({ minute }) => minute === at.minute)
  if (same !== undefined && same.revision >= at.revision) return { type: 'known' }
  const earlier = sides.filter(({ minute }) => minute < at.minute)
  const later = sides.filter(({ minute }) => minute > at.minute)
  if (later.length >= KEPT_MINUTES) return { type: 'known' }
  const before = earlier.findLast(({ side }) => side !== null)?.side ?? undefined
  return { type: 'noted', sides: [...earlier, at, ...later].slice(-KEPT_MINUTES), before }
}
