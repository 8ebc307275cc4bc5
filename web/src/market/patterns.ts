import { padded, rounded } from '../values/decimal-text.ts'

/** A detected pattern, as the page holds it. */
export type Pattern = {
  readonly symbol: string
  readonly type: string
  /** Unix seconds of the minute of the bar that completed it. */
  readonly time: number
  readonly direction: string
  /** A decimal from 0 to 1. */
  readonly confidence: string
  readonly revision: number
  /** Unix milliseconds. */
  readonly detectedAt: number
  /** A correction of a bar removed it. */
  readonly withdrawn: boolean
}

/** A record of the WebSocket: the patterns of a minute, and those that it has no longer. */
export type PatternChange = {
  readonly symbol: string
  readonly time: number
  readonly revision: number
  readonly patterns: readonly Pattern[]
  readonly withdrawn: readonly string[]
}

/** Which patterns are shown. */
export type PatternFilter = {
  /** Empty: all. */
  readonly types: readonly string[]
  readonly direction: string | null
  readonly minConfidence: number
  /** Undefined: all. */
  readonly symbols: ReadonlySet<string> | undefined
}

/** Takes patterns that were read; of one that comes again the higher revision stays. Newest first. */
export function withPatterns(known: readonly Pattern[], read: readonly Pattern[], most: number): Pattern[] {
  const byKey = new Map(known.map((pattern) => [keyOf(pattern), pattern]))
  for (const pattern of read) {
    const before = byKey.get(keyOf(pattern))
    if (before === undefined || pattern.revision >= before.revision) byKey.set(keyOf(pattern), pattern)
  }
  return [...byKey.values()].toSorted(newestFirst).slice(0, most)
}

/** Takes a record of the WebSocket. What it withdraws stays in the list, marked. */
export function withChange(known: readonly Pattern[], change: PatternChange, most: number): Pattern[] {
  const marked = known.map((pattern) =>
    pattern.symbol === change.symbol &&
    pattern.time === change.time &&
    pattern.revision < change.revision &&
    change.withdrawn.includes(pattern.type)
      ? { ...pattern, withdrawn: true, revision: change.revision }
      : pattern,
  )
  return withPatterns(marked, change.patterns, most)
}

export function isShown(
  pattern: Pattern,
  { types, direction, minConfidence, symbols }: PatternFilter,
): boolean {
  return (
    (types.length === 0 || types.includes(pattern.type)) &&
    (direction === null || pattern.direction === direction) &&
    Number(pattern.confidence) >= minConfidence &&
    (symbols === undefined || symbols.has(pattern.symbol))
  )
}

/** `morning_star` as a reader writes it. */
export function patternName(type: string): string {
  return type.replaceAll('_', ' ')
}

/** A confidence with the decimals that the API computes. */
export function confidenceText(confidence: string): string {
  return padded(rounded(confidence, CONFIDENCE_DECIMALS), CONFIDENCE_DECIMALS)
}

const CONFIDENCE_DECIMALS = 4

function keyOf({ symbol, time, type }: Pattern): string {
  return JSON.stringify([symbol, time, type])
}

function newestFirst(a: Pattern, b: Pattern): number {
  return (
    b.time - a.time || (a.symbol < b.symbol ? -1 : Number(a.symbol > b.symbol)) || (a.type < b.type ? -1 : 1)
  )
}
