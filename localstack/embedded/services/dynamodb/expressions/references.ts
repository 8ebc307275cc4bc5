import { invalid } from '../errors.ts'
import { type AttributeValue, attributeOf, type Item } from '../values/attribute-value.ts'
import { checkedItem } from '../values/checked-value.ts'

/** What the expressions of a request refer to by `#name` and `:value`, and what of it they have used. */
export type References = {
  readonly name: (reference: string) => string
  readonly value: (reference: string) => AttributeValue
  /** Throws for those that no expression has used. */
  readonly refuseUnused: () => void
}

export type GivenReferences = {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>> | undefined
}

/** @param hasExpression whether the request has any expression at all */
export function referencesOf(given: GivenReferences, hasExpression: boolean): References {
  const names = given.ExpressionAttributeNames
  const values = given.ExpressionAttributeValues && checkedValues(given.ExpressionAttributeValues)
  refuseMalformed('ExpressionAttributeNames', names, /^#[A-Za-z0-9_]+$/, hasExpression)
  refuseMalformed('ExpressionAttributeValues', values, /^:[A-Za-z0-9_]+$/, hasExpression)
  const used = new Set<string>()
  const unusedOf = (defined: Readonly<Record<string, unknown>> = {}): readonly string[] =>
    Object.keys(defined).filter((reference) => !used.has(reference))
  return {
    name: (reference) => {
      used.add(reference)
      const name = names !== undefined && Object.hasOwn(names, reference) ? names[reference] : undefined
      if (name !== undefined) return name
      throw invalid(
        `An expression attribute name used in the document path is not defined; attribute name: ${reference}`,
      )
    },
    value: (reference) => {
      used.add(reference)
      const value = values && attributeOf(values, reference)
      if (value !== undefined) return value
      throw invalid(
        `An expression attribute value used in expression is not defined; attribute value: ${reference}`,
      )
    },
    refuseUnused: () => {
      for (const [what, defined] of [
        ['ExpressionAttributeNames', names],
        ['ExpressionAttributeValues', values],
      ] as const) {
        const unused = unusedOf(defined)
        if (unused.length > 0)
          throw invalid(`Value provided in ${what} unused in expressions: keys: {${unused.join(', ')}}`)
      }
    },
  }
}

function checkedValues(given: Readonly<Record<string, unknown>>): Item {
  try {
    return checkedItem(given)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw invalid(`ExpressionAttributeValues contains invalid value: ${error.message}`)
  }
}

function refuseMalformed(
  what: string,
  defined: Readonly<Record<string, unknown>> | undefined,
  pattern: RegExp,
  hasExpression: boolean,
): void {
  if (defined === undefined) return
  if (!hasExpression) throw invalid(`${what} can only be specified when using expressions`)
  const keys = Object.keys(defined)
  if (keys.length === 0) throw invalid(`${what} must not be empty`)
  const malformed = keys.find((key) => !pattern.test(key))
  if (malformed !== undefined)
    throw invalid(`${what} contains invalid key: Syntax error; key: "${malformed}"`)
}
