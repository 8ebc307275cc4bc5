const MAX_CONFLICTS = 20

/** An item changed under each attempt to commit it. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError'
}

/**
 * Commits items, and commits those again that another writer changed in between.
 *
 * @param keys of the items
 * @param attempt loads and commits these items, and returns the keys of those in conflict
 * @param options.nameOf names an item in the error
 * @returns the keys that were in conflict at every attempt, each with its error
 */
export async function retryOnConflict(
  keys: readonly string[],
  attempt: (keys: readonly string[]) => Promise<readonly string[]>,
  { nameOf = (key) => `the state of ${key}` }: { readonly nameOf?: (key: string) => string } = {},
): Promise<ReadonlyMap<string, ConflictError>> {
  let left = keys
  for (let attempts = 0; left.length > 0 && attempts <= MAX_CONFLICTS; attempts++) left = await attempt(left)
  return new Map(
    left.map((key) => [
      key,
      new ConflictError(`${nameOf(key)} changed under ${MAX_CONFLICTS + 1} commits in a row`),
    ]),
  )
}
