import { type Series, zeros } from '../series.ts'
import { type Candles, keepCandles, measureBars, measureNext, OLDER } from './candle.ts'
import type { Condition, Detected, Form, Pattern } from './pattern.ts'
import { bitOf, bitsOf, SHAPE_BITS } from './shapes.ts'

/** Patterns that are looked for in each bar. */
export type Detector = readonly PreparedForm[]

/** A form, whose colours and shapes are bits: nearly all forms are ruled out by one comparison. */
type PreparedForm = {
  readonly pattern: Pattern
  readonly form: Form
  /** The bits that matter, and those that have to be set. */
  readonly mask: number
  readonly needed: number
  /** The conditions without a bit, in order. */
  readonly rest: readonly Condition[]
  readonly conditions: readonly Condition[]
  readonly names: readonly string[]
}

/** Of the bits of candles, newest lowest: all of three, and the colour of a fourth. */
const BITS = 2 ** (OLDER * SHAPE_BITS + 1) - 1

const NONE: readonly Detected[] = []

/** Prepares patterns to be looked for, all at once. */
export function createDetector(patterns: readonly Pattern[]): Detector {
  return patterns.flatMap((pattern) => pattern.forms.map((form) => prepare(pattern, form)))
}

function prepare(pattern: Pattern, form: Form): PreparedForm {
  const conditions = Object.values(form.conditions).map((each) => {
    if (typeof each === 'function') return { bit: bitOf(each), condition: each }
    const { ago, holds } = each
    const condition: Condition =
      ago === 1 ? (_newest, before) => holds(before) : (_newest, _before, third) => holds(third)
    return { bit: bitOf(holds) << (ago * SHAPE_BITS), condition }
  })
  const shapes = conditions.reduce((all, { bit }) => all | bit, 0)
  const colored = (isSet: (color: string) => boolean): number =>
    (form.colors ?? []).reduce(
      (all, color, ago) => (isSet(color) ? all | (1 << (ago * SHAPE_BITS)) : all),
      shapes,
    )
  return {
    pattern,
    form,
    mask: colored((color) => color !== 'any'),
    needed: colored((color) => color === 'white'),
    rest: conditions.flatMap(({ bit, condition }) => (bit === 0 ? [condition] : [])),
    conditions: conditions.map(({ condition }) => condition),
    names: Object.keys(form.conditions),
  }
}

/** Adds to `found` for each bar from `from` to before `to` of a series the patterns that it completes. */
export function detect(
  detector: Detector,
  candles: Candles,
  { series, from, to }: { readonly series: Series; readonly from: number; readonly to: number },
  found: (readonly Detected[])[],
): void {
  const oldest = from - OLDER
  measureBars(candles, series, oldest, to)
  let bits = 0
  for (let bar = oldest; bar < to; bar++) {
    measureNext(candles, series, bar)
    bits = ((bits << SHAPE_BITS) | bitsOf(candles.newest)) & BITS
    if (bar >= from) found.push(detectNewest(detector, candles, { bits, count: bar + 1 }))
  }
}

/** The patterns in the newest of `count` candles. */
function detectNewest(
  detector: Detector,
  candles: Candles,
  { bits, count }: { readonly bits: number; readonly count: number },
): readonly Detected[] {
  let found: Detected[] | undefined
  for (let index = 0; index < detector.length; index++) {
    const form = detector[index]
    if (form === undefined || (bits & form.mask) !== form.needed) continue
    // Of two forms of a pattern the first counts.
    if (count < form.pattern.bars || found?.at(-1)?.pattern === form.pattern) continue
    if (!isMet(form.rest, candles)) continue
    const detected = detectedOf(form, candles)
    // A list that begins with its first takes a fifth of the memory of one that grows.
    if (found === undefined) found = [detected]
    else found.push(detected)
  }
  return found ?? NONE
}

function isMet(conditions: readonly Condition[], { newest, before, third, fourth }: Candles): boolean {
  for (let index = 0; index < conditions.length; index++) {
    const margin = conditions[index]?.(newest, before, third, fourth) ?? 0
    if (!(margin >= 0)) return false
  }
  return true
}

function detectedOf({ pattern, form, conditions, names }: PreparedForm, candles: Candles): Detected {
  const { newest, before, third, fourth } = candles
  const margins = zeros(conditions.length)
  let sum = 0
  for (let index = 0; index < conditions.length; index++) {
    const margin = conditions[index]?.(newest, before, third, fourth) ?? 0
    margins[index] = margin
    sum += margin
  }
  return {
    pattern,
    direction: form.direction,
    strength: form.strength(newest, before),
    confidence: sum / conditions.length,
    margins,
    conditions: names,
    candles: keepCandles(candles, pattern.candles),
  }
}
