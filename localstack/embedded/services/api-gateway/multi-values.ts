/** What a request says by name, once or more often: its headers or its query. */
export type MultiValues = ReadonlyMap<string, readonly string[]>

/** All values of each name, in order. */
export function groupValues(pairs: Iterable<readonly [string, string]>): MultiValues {
  const groups = new Map<string, string[]>()
  for (const [name, value] of pairs) groups.set(name, [...(groups.get(name) ?? []), value])
  return groups
}

/** The last value of each name: what the fields without `multiValue` hold. */
export function lastOf(values: MultiValues): Record<string, string> {
  return Object.fromEntries([...values].map(([name, all]) => [name, all.at(-1) ?? '']))
}

/** Without its percent-encoding, where it has a right one. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
