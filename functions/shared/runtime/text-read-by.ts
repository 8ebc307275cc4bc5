import * as z from 'zod'

/** A schema of texts that `read` accepts; the message of what `read` throws is the schema's. */
export function textReadBy(read: (text: string) => unknown) {
  return z.string().superRefine((text, context) => {
    try {
      read(text)
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) })
    }
  })
}
