/** A value as the API writes it: one member, named by the type. Checked by `checkedValue`. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Item }

export type Item = Readonly<Record<string, AttributeValue>>

export type AttributeType = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'SS' | 'NS' | 'BS' | 'L' | 'M'

export function typeOf(value: AttributeValue): AttributeType {
  if ('S' in value) return 'S'
  if ('N' in value) return 'N'
  if ('B' in value) return 'B'
  if ('M' in value) return 'M'
  if ('L' in value) return 'L'
  if ('BOOL' in value) return 'BOOL'
  if ('NULL' in value) return 'NULL'
  if ('SS' in value) return 'SS'
  return 'NS' in value ? 'NS' : 'BS'
}

/** The members of a set, and what they are. */
export function setOf(
  value: AttributeValue,
): { readonly type: 'S' | 'N' | 'B'; readonly members: readonly string[] } | undefined {
  if ('SS' in value) return { type: 'S', members: value.SS }
  if ('NS' in value) return { type: 'N', members: value.NS }
  return 'BS' in value ? { type: 'B', members: value.BS } : undefined
}

export function toSet(type: 'S' | 'N' | 'B', members: readonly string[]): AttributeValue {
  if (type === 'S') return { SS: members }
  return type === 'N' ? { NS: members } : { BS: members }
}

/** An item whose attributes have any names, `__proto__` among them. */
export function itemOf(entries: Iterable<readonly [string, AttributeValue]>): Item {
  return Object.fromEntries(entries)
}

/** An attribute of an item or a map, by its own name only. */
export function attributeOf(item: Item, name: string): AttributeValue | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined
}

/** Sets are equal in any order. */
export function areEqual(one: AttributeValue, other: AttributeValue): boolean {
  if ('S' in one) return 'S' in other && one.S === other.S
  // Numbers are kept in one way of writing them.
  if ('N' in one) return 'N' in other && one.N === other.N
  if ('B' in one) return 'B' in other && one.B === other.B
  if ('BOOL' in one) return 'BOOL' in other && one.BOOL === other.BOOL
  if ('NULL' in one) return 'NULL' in other
  if ('L' in one) {
    if (!('L' in other) || one.L.length !== other.L.length) return false
    return one.L.every((each, index) => {
      const its = other.L[index]
      return its !== undefined && areEqual(each, its)
    })
  }
  if ('M' in one) return 'M' in other && areEqualMaps(one.M, other.M)
  const [set, its] = [setOf(one), setOf(other)]
  if (set === undefined || its === undefined || set.type !== its.type) return false
  const members = new Set(its.members)
  return set.members.length === members.size && set.members.every((member) => members.has(member))
}

function areEqualMaps(one: Item, other: Item): boolean {
  const names = Object.keys(one)
  if (names.length !== Object.keys(other).length) return false
  return names.every((name) => {
    const [value, its] = [attributeOf(one, name), attributeOf(other, name)]
    return value !== undefined && its !== undefined && areEqual(value, its)
  })
}
