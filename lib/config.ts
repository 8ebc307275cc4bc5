import { z } from 'zod'

/** The account, the region or the machine that the system is deployed for. */
const stageSchema = z.enum(['local'])

/**
 * Everything that may differ between deployments, read from CDK context (`cdk.json`, or `-c key=value`).
 * Each key has its unit and its default here and nowhere else.
 */
export const configSchema = z.strictObject({
  /** Where the system runs. `local`: one machine or an emulator; the database lies outside the stack. */
  stage: stageSchema,
  /**
   * `low` invokes a function as soon as a record is there; `economy` lets records gather for up to 5 s,
   * for a fraction of the invocations and table writes.
   * @default low
   */
  latency: z.enum(['low', 'economy']).default('low'),
  /**
   * How much older than the newest tick of its symbol a tick may be and still correct its minute, in seconds.
   * @default 120
   */
  latenessSeconds: wholeNumber({ min: 0, max: 3600 }).default(120),
  /**
   * How long no tick must have come for a minute that is over before the clock closes it, in milliseconds.
   * @default 2000
   */
  graceMs: wholeNumber({ min: 0, max: 30_000 }).default(2000),
  /**
   * Shards of the stream `ticks`; one takes 1 MB or 1,000 records a second.
   * @default 2
   */
  tickShards: wholeNumber({ min: 1, max: 500 }).default(2),
  /**
   * Shards of the stream `bars`.
   * @default 1
   */
  barShards: wholeNumber({ min: 1, max: 500 }).default(1),
  /**
   * How long the streams keep a record, in hours: the time there is to mend what is broken.
   * @default 24
   */
  streamRetentionHours: wholeNumber({ min: 24, max: 8760 }).default(24),
  /**
   * Age at which a record that cannot be processed is given up on and put into the dead-letter bucket, in hours.
   * @default 12
   */
  maxRecordAgeHours: wholeNumber({ min: 1, max: 168 }).default(12),
  /**
   * How long bars are kept in the database, in days.
   * @default 3650
   */
  barRetentionDays: wholeNumber({ min: 1, max: 36_500 }).default(3650),
  /**
   * Days for which partitions are made ahead.
   * @default 14
   */
  partitionDaysAhead: wholeNumber({ min: 1, max: 366 }).default(14),
  /**
   * Host of the database, as the functions reach it.
   * @default 127.0.0.1
   */
  databaseHost: z.string().min(1).default('127.0.0.1'),
  /**
   * Port of the database.
   * @default 5432
   */
  databasePort: wholeNumber({ min: 1, max: 65_535 }).default(5432),
  /**
   * Name of the database.
   * @default tickstock
   */
  databaseName: z.string().min(1).default('tickstock'),
})

export type Config = z.infer<typeof configSchema>

/** A value in the CDK context is not allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * Reads the config through a context look-up.
 *
 * @throws ConfigError naming the key, its value and what is allowed
 */
export function readConfig(context: (key: string) => unknown): Config {
  const given: Record<string, unknown> = {}
  for (const key of Object.keys(configSchema.shape)) {
    const value = context(key)
    if (value !== undefined && value !== null) given[key] = value
  }
  const parsed = configSchema.safeParse(given)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => {
    const key = issue.path.map(String).join('.')
    return key in given
      ? `${key} is ${JSON.stringify(given[key])}: ${issue.message}`
      : `${key} is not set: ${issue.message}`
  })
  throw new ConfigError(`bad configuration: ${faults.join('; ')}. Set it in cdk.json or with -c key=value.`)
}

/** A whole number; on the command line (`-c key=value`) it comes as text. */
function wholeNumber({ min, max }: { readonly min: number; readonly max: number }) {
  const allowed = `allowed is a whole number from ${min} to ${max}`
  return z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], allowed)
    .pipe(z.int(allowed).min(min, allowed).max(max, allowed))
}
