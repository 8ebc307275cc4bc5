export function union<Item>(...sets: readonly ReadonlySet<Item>[]): Set<Item> {
  return new Set(sets.flatMap((set) => [...set]))
}

export function difference<Item>(from: ReadonlySet<Item>, without: ReadonlySet<Item>): Set<Item> {
  return new Set([...from].filter((item) => !without.has(item)))
}

export function isSubset<Item>(part: ReadonlySet<Item>, whole: ReadonlySet<Item>): boolean {
  return [...part].every((item) => whole.has(item))
}
