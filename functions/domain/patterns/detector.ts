import { zeros } from '../series.ts'
import { type Candles, copyCandles } from './candle.ts'
import type { Condition, Detected, Form, Pattern } from './pattern.ts'

/** Patterns that are looked for in each bar. */
export type Detector = {
  /** Conditions that more than one pattern has: tried once a bar. */
  readonly shared: readonly Condition[]
  readonly forms: readonly PreparedForm[]
}

/** A form, whose colours and shared conditions are bits: nearly all forms are ruled out by one comparison. */
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

/** The lowest bits are the colours of the candles. */
const COLORS = 4
const MAX_SHARED = 30 - COLORS

/** Prepares patterns to be looked for, all at once. */
export function createDetector(patterns: readonly Pattern[]): Detector {
  const shared = sharedBy(patterns)
  return {
    shared,
    forms: patterns.flatMap((pattern) => pattern.forms.map((form) => prepare(pattern, form, shared))),
  }
}

function sharedBy(patterns: readonly Pattern[]): Condition[] {
  const ofEach = patterns.map(({ forms }) => new Set(forms.flatMap((form) => Object.values(form.conditions))))
  const all = new Set(ofEach.flatMap((own) => [...own]))
  return [...all]
    .filter((condition) => ofEach.filter((own) => own.has(condition)).length > 1)
    .slice(0, MAX_SHARED)
}

function prepare(pattern: Pattern, form: Form, shared: readonly Condition[]): PreparedForm {
  const conditions = Object.values(form.conditions)
  const colors = form.colors ?? []
  const bits = shared.map((condition, place) => (conditions.includes(condition) ? 1 << (COLORS + place) : 0))
  const both = bits.reduce((all, bit) => all | bit, 0)
  const colored = (isSet: (color: string) => boolean): number =>
    colors.reduce((all, color, ago) => (isSet(color) ? all | (1 << ago) : all), both)
  return {
    pattern,
    form,
    mask: colored((color) => color !== 'any'),
    needed: colored((color) => color === 'white'),
    rest: conditions.filter((condition) => !shared.includes(condition)),
    conditions,
    names: Object.keys(form.conditions),
  }
}

/** The patterns in the newest of `count` candles. */
export function detect({ shared, forms }: Detector, candles: Candles, count: number): Detected[] {
  const found: Detected[] = []
  const bits = bitsOf(shared, candles)
  for (let index = 0; index < forms.length; index++) {
    const form = forms[index]
    if (form === undefined || (bits & form.mask) !== form.needed) continue
    // Of two forms of a pattern the first counts.
    if (count < form.pattern.bars || found.at(-1)?.pattern === form.pattern) continue
    if (isMet(form.rest, candles)) found.push(detectedOf(form, candles))
  }
  return found
}

function bitsOf(shared: readonly Condition[], { newest, before, third, fourth, whites }: Candles): number {
  let bits = whites
  for (let place = 0; place < shared.length; place++) {
    const margin = shared[place]?.(newest, before, third, fourth) ?? 0
    bits |= Number(margin >= 0) << (COLORS + place)
  }
  return bits
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
    candles: copyCandles(candles, pattern.candles),
  }
}
