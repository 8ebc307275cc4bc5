import * as z from 'zod'
import { parseEnvironment } from '../shared/runtime/environment.ts'
import { databaseTlsSchema } from '../shared/postgres/tls.ts'

const days = z
  .string()
  .regex(/^[1-9]\d{0,5}$/, 'expected a whole number of days from 1')
  .transform(Number)

export const migratorEnvironment = z
  .object({
    OWNER_SECRET_ARN: z.string().min(1),
    WRITE_SECRET_ARN: z.string().min(1),
    READ_SECRET_ARN: z.string().min(1),
    /** How the two roles sign in. */
    DATABASE_ACCESS: z.enum(['password', 'iam']),
    /** Days: bars, indicators and patterns older than that are dropped. */
    RETENTION_DAYS: days,
    /** Days for which there are partitions in advance. */
    PARTITIONS_AHEAD: days,
  })
  .and(databaseTlsSchema)

/** What the construct sets. */
export type MigratorEnvironment = z.input<typeof migratorEnvironment>

/** @throws EnvironmentError naming each variable that is missing or wrong */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): z.output<typeof migratorEnvironment> {
  return parseEnvironment(migratorEnvironment, environment)
}
