import type { Operator, Relation, Test, Value } from './expression.ts'

/** A bar, with what was computed of it. */
export type Screened = {
  /** Undefined where there is none, as of an indicator that needs more bars. */
  readonly valueOf: (name: string) => number | undefined
  readonly hasPattern: (name: string) => boolean
}

/** The newest bar of a symbol, and the one before it, if there is one. */
export type ScreenedBars = { readonly newest: Screened; readonly before: Screened | undefined }

/** Whether a screen holds; undefined where that depends on a value that there is none of. */
export function holds(test: Test, bars: ScreenedBars): boolean | undefined {
  switch (test.type) {
    case 'comparison':
      return compare(test.relation, valueIn(test.left, bars.newest), valueIn(test.right, bars.newest))
    case 'crossing':
      return crosses(test, bars)
    case 'pattern':
      return bars.newest.hasPattern(test.name)
    case 'not':
      return negated(holds(test.of, bars))
    case 'and':
      return both(holds(test.left, bars), holds(test.right, bars))
    case 'or':
      break
  }
  return negated(both(negated(holds(test.left, bars)), negated(holds(test.right, bars))))
}

/** The number of a bar; undefined where there is none, and for one divided by zero. */
export function valueIn(value: Value, bar: Screened): number | undefined {
  switch (value.type) {
    case 'number':
      return value.number
    case 'name':
      return bar.valueOf(value.name)
    case 'negative': {
      const of = valueIn(value.of, bar)
      return of === undefined ? undefined : -of
    }
    case 'arithmetic':
      break
  }
  const [left, right] = [valueIn(value.left, bar), valueIn(value.right, bar)]
  if (left === undefined || right === undefined) return undefined
  const result = ARITHMETIC[value.operator](left, right)
  return Number.isFinite(result) ? result : undefined
}

/** The names that a screen or what to order by asks for. */
export function namesIn(part: Test | Value): string[] {
  switch (part.type) {
    case 'number':
      return []
    case 'name':
    case 'pattern':
      return [part.name]
    case 'negative':
    case 'not':
      return namesIn(part.of)
    case 'arithmetic':
    case 'comparison':
    case 'crossing':
    case 'and':
    case 'or':
      break
  }
  return [...namesIn(part.left), ...namesIn(part.right)]
}

/** Whether a screen asks for the bar before the newest one. */
export function looksBack(test: Test): boolean {
  switch (test.type) {
    case 'crossing':
      return true
    case 'not':
      return looksBack(test.of)
    case 'and':
    case 'or':
      return looksBack(test.left) || looksBack(test.right)
    case 'comparison':
    case 'pattern':
      return false
    default:
      return test satisfies never
  }
}

const ARITHMETIC: Readonly<Record<Operator, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
}

const COMPARISONS: Readonly<Record<Relation, (left: number, right: number) => boolean>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
  '=': (left, right) => left === right,
  '!=': (left, right) => left !== right,
}

function compare(
  relation: Relation,
  left: number | undefined,
  right: number | undefined,
): boolean | undefined {
  return left === undefined || right === undefined ? undefined : COMPARISONS[relation](left, right)
}

/** It is past now, and was not in the bar before. */
function crosses(
  { to, left, right }: Extract<Test, { type: 'crossing' }>,
  { newest, before }: ScreenedBars,
): boolean | undefined {
  if (before === undefined) return undefined
  const relation = to === 'above' ? '>' : '<'
  const [now, then] = [newest, before].map((bar) =>
    compare(relation, valueIn(left, bar), valueIn(right, bar)),
  )
  return both(now, negated(then))
}

function negated(test: boolean | undefined): boolean | undefined {
  return test === undefined ? undefined : !test
}

function both(one: boolean | undefined, other: boolean | undefined): boolean | undefined {
  if (one === false || other === false) return false
  return one === undefined || other === undefined ? undefined : true
}
