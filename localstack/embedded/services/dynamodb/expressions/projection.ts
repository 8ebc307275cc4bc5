import { type AttributeValue, type Item, itemOf } from '../values/attribute-value.ts'
import { elementAt, parsePath, type Path, refuseOverlaps } from './path.ts'
import type { References } from './references.ts'
import { tokenize } from './tokens.ts'

/** Reads `a, b.c, d[0]`. */
export function parseProjection(text: string, references: References): readonly Path[] {
  const what = 'ProjectionExpression'
  const tokens = tokenize(text, what)
  const paths = [parsePath(tokens, references, what)]
  while (tokens.take(',')) paths.push(parsePath(tokens, references, what))
  if (tokens.peek().type !== 'end') throw tokens.unexpected()
  refuseOverlaps(paths, what)
  return paths
}

/** What of an item lies at these paths. Lists keep the order of their elements and close up. */
export function project(item: Item, paths: readonly Path[]): Item {
  const names = [...new Set(paths.map(([name]) => name))]
  return itemOf(
    names.flatMap((name) => {
      const value = Object.hasOwn(item, name) ? item[name] : undefined
      if (value === undefined) return []
      const below = paths.filter(([first]) => first === name).map(([, ...rest]) => rest)
      const kept = pick(value, below)
      return kept === undefined ? [] : [[name, kept] as const]
    }),
  )
}

type Below = readonly (string | number)[]

function pick(value: AttributeValue, paths: readonly Below[]): AttributeValue | undefined {
  if (paths.some(({ length }) => length === 0)) return value
  const elements = [...new Set(paths.map(([first]) => first))].filter((each) => each !== undefined)
  const picked = elements.flatMap((element) => {
    const inner = elementAt(value, element)
    const rest = paths.filter(([first]) => first === element).map(([, ...below]) => below)
    const kept = inner === undefined ? undefined : pick(inner, rest)
    return kept === undefined ? [] : [[element, kept] as const]
  })
  if (picked.length === 0) return undefined
  if ('M' in value) return { M: itemOf(picked.map(([element, kept]) => [String(element), kept])) }
  const inOrder = picked.toSorted(([one], [other]) => Number(one) - Number(other))
  return { L: inOrder.map(([, kept]) => kept) }
}
