import type * as z from 'zod'

import type { FunctionLogLine } from '../log-line.ts'

/** Collects what functions print to stdout, a JSON text each, as a schema reads it. */
export function collectPrinted<Printed>(schema: z.ZodType<Printed>): {
  readonly printed: Printed[]
  readonly onLog: (line: FunctionLogLine) => void
} {
  const printed: Printed[] = []
  const onLog = ({ text, stream }: FunctionLogLine): void => {
    if (stream === 'stdout') printed.push(schema.parse(JSON.parse(text)))
  }
  return { printed, onLog }
}
