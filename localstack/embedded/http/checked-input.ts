import type * as z from 'zod'

/** What a schema makes of a request's body; throws what `refuse` makes of a message in the words of AWS. */
export function checkedInput<Input extends z.ZodType>(
  schema: Input,
  body: unknown,
  refuse: (message: string) => Error,
): z.output<Input> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(
    ({ path, message }) => `Value at '${path.join('.')}' failed to satisfy constraint: ${message}`,
  )
  throw refuse(
    `${issues.length} validation error${issues.length === 1 ? '' : 's'} detected: ${issues.join('; ')}`,
  )
}

/** The JSON of a request's body, empty where there is none; throws what `refuse` makes of the message. */
export function parsedBody(text: string, refuse: (message: string) => Error): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw refuse(`The body is not JSON: ${reason}`)
  }
}
