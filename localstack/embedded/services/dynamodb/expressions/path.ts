import { invalid } from '../errors.ts'
import { type AttributeValue, attributeOf, type Item } from '../values/attribute-value.ts'
import type { References } from './references.ts'
import { isReserved } from './reserved-words.ts'
import type { Tokens } from './tokens.ts'

/** Where a value lies in an item: the name of an attribute, then names in maps and places in lists. */
export type Path = readonly [string, ...(string | number)[]]

const MOST_OPERATORS = 32

/** Reads `name`, `#name`, `a.b[0].c`. */
export function parsePath(tokens: Tokens, references: References, what: string): Path {
  const path: [string, ...(string | number)[]] = [elementOf(tokens, references, what)]
  for (;;) {
    if (tokens.take('.')) path.push(elementOf(tokens, references, what))
    else if (tokens.take('[')) {
      const { type, text } = tokens.next()
      if (type !== 'number' || !/^\d+$/.test(text)) throw tokens.unexpected()
      path.push(Number(text))
      tokens.expect(']')
    } else break
  }
  if (path.length - 1 > MOST_OPERATORS)
    throw invalid(
      `Invalid ${what}: The document path has too many nesting elements; nesting levels: ${path.length - 1}`,
    )
  return path
}

function elementOf(tokens: Tokens, references: References, what: string): string {
  const { type, text } = tokens.peek()
  if (type === 'name') {
    tokens.next()
    return named(() => references.name(text), what)
  }
  if (type !== 'word') throw tokens.unexpected()
  if (isReserved(text))
    throw invalid(`Invalid ${what}: Attribute name is a reserved keyword; reserved keyword: ${text}`)
  tokens.next()
  return text
}

/** Says in which expression a reference is wrong. */
export function named<Result>(read: () => Result, what: string): Result {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw invalid(`Invalid ${what}: ${error.message}`)
  }
}

export function valueAt(item: Item, path: Path): AttributeValue | undefined {
  const [first, ...rest] = path
  let value = attributeOf(item, first)
  for (const element of rest) {
    if (value === undefined) return undefined
    value = elementAt(value, element)
  }
  return value
}

export function elementAt(value: AttributeValue, element: string | number): AttributeValue | undefined {
  if (typeof element === 'number') return 'L' in value ? value.L[element] : undefined
  return 'M' in value ? attributeOf(value.M, element) : undefined
}

function formatPath(path: Path): string {
  return `[${path.map((element) => (typeof element === 'number' ? `[${element}]` : element)).join(', ')}]`
}

/** Throws if two paths of an expression overlap, or take one value for a list and a map. */
export function refuseOverlaps(paths: readonly Path[], what: string): void {
  for (const [index, one] of paths.entries())
    for (const other of paths.slice(index + 1)) {
      const shared = sharedLength(one, other)
      if (shared === Math.min(one.length, other.length))
        throw invalid(
          `Invalid ${what}: Two document paths overlap with each other; must remove or rewrite one of these paths; ` +
            `path one: ${formatPath(one)}, path two: ${formatPath(other)}`,
        )
      if (shared > 0 && typeof one[shared] !== typeof other[shared])
        throw invalid(
          `Invalid ${what}: Two document paths conflict with each other; must remove or rewrite one of these paths; ` +
            `path one: ${formatPath(one)}, path two: ${formatPath(other)}`,
        )
    }
}

function sharedLength(one: Path, other: Path): number {
  let length = 0
  while (length < one.length && one[length] === other[length]) length++
  return length
}
