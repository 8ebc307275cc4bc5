import type * as z from 'zod'

/** A function's environment lacks a variable, or one has a bad value. */
class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError'
}

/**
 * Reads a function's environment.
 *
 * @throws EnvironmentError naming each variable that is missing or wrong
 */
export function parseEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>>,
): z.infer<Schema> {
  const parsed = schema.safeParse(environment)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => {
    const name = issue.path.map(String).join('.')
    const value = environment[name]
    return value === undefined ? `${name} is not set` : `${name} is "${value}": ${issue.message}`
  })
  throw new EnvironmentError(`${faults.join('; ')}. The construct in lib/ sets these variables.`)
}
