import type { Keys, Venue, VenueKey } from './venue.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** A key that a venue wants is not set. */
export class MissingKeysError extends Error {
  override readonly name = 'MissingKeysError'
}

/**
 * The keys of a venue, from the environment: the command line is for all to read.
 *
 * @throws MissingKeysError naming the variables that are not set
 */
export function keysOf({ name, keys = [] }: Venue, environment: Environment): Keys {
  const found = keys.map((key) => [key.name, valueOf(key, environment)] as const)
  const missing = keys.filter((key, index) => key.isOptional !== true && found[index]?.[1] === undefined)
  if (missing.length > 0) {
    const names = missing.map(({ variables }) => variables.join(' or '))
    throw new MissingKeysError(`${name}: it wants keys; set ${names.join(' and ')} in the environment`)
  }
  return Object.fromEntries(found)
}

/** The variables that hold the keys of a venue, for a message. */
export function keyVariablesOf({ keys = [] }: Venue): string {
  return keys.map(({ variables }) => variables.join(' or ')).join(' and ')
}

/** Takes the values of keys out of what a venue said. */
export function redactor(keys: Keys): (text: string) => string {
  const values = Object.values(keys).filter((value) => value !== undefined)
  return (text) => values.reduce((clean, value) => clean.replaceAll(value, '***'), text)
}

function valueOf({ variables }: VenueKey, environment: Environment): string | undefined {
  const values = variables.map((variable) => environment[variable]?.trim())
  return values.find((value) => value !== undefined && value !== '')
}
