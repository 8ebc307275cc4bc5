import type * as z from 'zod'

import { badValue, ConfigError } from './config-error.ts'
import type { Config } from './config.ts'
import { BACKUP_DEFAULTS, REGULATED_DEFAULTS, STAGE_DEFAULTS } from './defaults.ts'
import { refuseRenamed, RENAMED_KEYS, settableKeys } from './keys.ts'
import { refuseAccess } from './refuse-access.ts'
import { refuseAccount, refuseForAws } from './refuse-account.ts'
import { refuseAlerts } from './refuse-alerts.ts'
import { refuseBackup } from './refuse-backup.ts'
import { refuseDatabase } from './refuse-database.ts'
import { refuseDomains } from './refuse-domains.ts'
import { refuseElsewhere } from './refuse-elsewhere.ts'
import { refuseLimits } from './refuse-limits.ts'
import { refuseNetwork, refuseZones } from './refuse-network.ts'
import { refuseProtection } from './refuse-protection.ts'
import { refuseVenues } from './refuse-venues.ts'
import { configSchema, type Given } from './schema.ts'
import { stageSchema, stagesSchema } from './stage.ts'

/** Lambda's limit for the age of a record, in hours. */
const LONGEST_RECORD_AGE = 168

/**
 * Reads the config through a context look-up: a key by itself (`-c key=value`) wins over the section of the stage in
 * `stages` (cdk.json), that over `fallback`, and that over the defaults of the stage.
 *
 * @throws ConfigError naming the key, its value and what is allowed
 */
export function readConfig(context: (key: string) => unknown, fallback: Given = {}): Config {
  const given = readGiven(context, fallback)
  const stage = stageSchema.safeParse(given['stage'])
  const parsed = configSchema.safeParse({
    ...(stage.success && STAGE_DEFAULTS[stage.data]),
    ...(given['backupRegion'] !== undefined && BACKUP_DEFAULTS),
    ...(given['regulated'] === 'on' && REGULATED_DEFAULTS),
    ...given,
  })
  if (!parsed.success) throw badConfig(parsed.error, given)
  const { streamRetentionHours } = parsed.data
  const { maxRecordAgeHours = Math.min(streamRetentionHours - 1, LONGEST_RECORD_AGE) } = parsed.data
  const config = { ...parsed.data, maxRecordAgeHours }
  refuseContradictions(config, given)
  return config
}

/** What the user has set, without the defaults. */
function readGiven(context: (key: string) => unknown, fallback: Given): Given {
  for (const key of Object.keys(RENAMED_KEYS)) if (context(key) !== undefined) refuseRenamed(key)
  const direct: Record<string, unknown> = {}
  for (const key of Object.keys(configSchema.shape)) {
    const value = context(key)
    if (value !== undefined && value !== null) direct[key] = value
  }
  const stages = readStages(context('stages'))
  const stage = stageSchema.safeParse(direct['stage'])
  return { ...fallback, ...(stage.success && stages[stage.data]), ...direct }
}

/** Refuses settings of which each is right by itself, and that do not go together, or cannot be carried out. */
function refuseContradictions(config: Config, given: Given): void {
  const { stage, region } = config
  if (stage !== 'local' && region === undefined)
    throw new ConfigError(
      `bad configuration: region is not set: stage ${stage} wants one; set AWS_REGION or -c region=eu-central-1.`,
    )
  refuseLimits(config)
  refuseZones(config)
  refuseAccess(config)
  refuseVenues(config)
  refuseAlerts(config)
  if (stage === 'local') {
    refuseForAws(given)
    return
  }
  refuseAccount(config)
  refuseNetwork(config)
  refuseDatabase(config, given)
  refuseDomains(config)
  refuseProtection(config, given)
  refuseElsewhere(config)
  refuseBackup(config, given)
}

/**
 * The settings of each stage that cdk.json has.
 *
 * @throws ConfigError naming the unknown stage or key; all stages are checked, not only the one deployed
 */
function readStages(value: unknown): Readonly<Record<string, Given>> {
  const parsed = stagesSchema.safeParse(value ?? {})
  if (!parsed.success)
    throw badValue(
      'stages',
      value,
      `allowed is an object in cdk.json with the keys ${stageSchema.options.join(', ')}, as {"prod":{"alarmEmail":"you@example.com"}}`,
    )
  const known = settableKeys()
  for (const [stage, settings] of Object.entries(parsed.data))
    for (const key of Object.keys(settings)) {
      refuseRenamed(key, `stages.${stage}`)
      if (!known.includes(key))
        throw new ConfigError(
          `bad configuration: there is no key ${key} in stages.${stage}; the keys are ${known.join(', ')}.`,
        )
    }
  return parsed.data
}

function badConfig(error: z.ZodError, given: Given): ConfigError {
  const faults = error.issues.map((issue) => {
    const key = issue.path.map(String).join('.')
    return key in given
      ? `${key} is ${JSON.stringify(given[key])}: ${issue.message}`
      : `${key} is not set: ${issue.message}`
  })
  return new ConfigError(
    `bad configuration: ${faults.join('; ')}. Set it under "stages" in cdk.json or with -c key=value.`,
  )
}
