import * as z from 'zod'
import { parseEnvironment } from '../shared/runtime/environment.ts'
import { databaseAccessSchema } from '../shared/postgres/access.ts'
import { databaseTlsSchema } from '../shared/postgres/tls.ts'

export const barWriterEnvironment = z
  .object({
    /** Name of the dead-letter bucket. */
    DEAD_LETTER_BUCKET: z.string().min(1),
    /** The config's `latency`, by which `npx tickstock verify` judges how long its bars took. */
    LATENCY: z.enum(['lowest', 'low', 'economy']),
  })
  .and(databaseTlsSchema)
  .and(databaseAccessSchema)

/** What the construct sets. */
export type BarWriterEnvironment = z.input<typeof barWriterEnvironment>

/** @throws EnvironmentError naming each variable that is missing or wrong */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): z.output<typeof barWriterEnvironment> {
  return parseEnvironment(barWriterEnvironment, environment)
}
