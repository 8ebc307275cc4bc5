import type { z } from 'zod'

import { largestItem } from '../functions/analytics/largest-state.ts'
import { readAnalysis } from '../functions/shared/analysis-fields.ts'
import { configSchema, STAGE_DEFAULTS, stageSchema } from './config-schema.ts'

/** The config of a deployment, with everything filled in; `lib/config-schema.ts` tells what each key means. */
export type Config = Omit<z.output<typeof configSchema>, 'maxRecordAgeHours'> & {
  readonly maxRecordAgeHours: number
}

/** False for one machine and for emulators, which have no network, no alarms and no database of their own. */
export function isOnAws({ stage }: Config): boolean {
  return stage !== 'local'
}

/** A value in the CDK context is not allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Lambda gives no record more time than that, in hours. */
const LONGEST_RECORD_AGE = 168
/** DynamoDB takes no larger item, in bytes. */
const LARGEST_ITEM = 400 * 1024

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
  const stage = stageSchema.safeParse(given['stage'])
  const parsed = configSchema.safeParse({ ...(stage.success && STAGE_DEFAULTS[stage.data]), ...given })
  if (!parsed.success) throw badConfig(parsed.error, given)
  if (parsed.data.stage !== 'local' && parsed.data.region === undefined) {
    throw new ConfigError(
      `bad configuration: region is not set: stage ${parsed.data.stage} wants one; set AWS_REGION or -c region=eu-central-1.`,
    )
  }
  const { streamRetentionHours } = parsed.data
  const { maxRecordAgeHours = Math.min(streamRetentionHours - 1, LONGEST_RECORD_AGE) } = parsed.data
  if (maxRecordAgeHours >= streamRetentionHours) {
    throw new ConfigError(
      `bad configuration: maxRecordAgeHours is ${maxRecordAgeHours}: allowed is less than streamRetentionHours ` +
        `(${streamRetentionHours}), since what the stream has dropped cannot be saved to the dead-letter bucket.`,
    )
  }
  const { indicators, latenessSeconds } = parsed.data
  const stateBytes = largestItem(readAnalysis(parsed.data), latenessSeconds)
  if (stateBytes > LARGEST_ITEM) {
    throw new ConfigError(
      `bad configuration: indicators is ${JSON.stringify(indicators)}: the state of a symbol may take ${stateBytes} ` +
        `bytes with latenessSeconds ${latenessSeconds}; allowed are ${LARGEST_ITEM}, an item of DynamoDB. ` +
        'Shorter periods, fewer indicators, or less lateness make it smaller.',
    )
  }
  return { ...parsed.data, maxRecordAgeHours }
}

/**
 * Finds mistyped keys. Those of the CDK itself and of its look-ups hold a colon, a slash or an @.
 *
 * @throws ConfigError naming the key
 */
export function refuseUnknownKeys(keys: readonly string[]): void {
  const known = Object.keys(configSchema.shape)
  const unknown = keys.filter((key) => !/[:/@]/.test(key) && !known.includes(key))
  if (unknown.length === 0) return
  throw new ConfigError(
    `bad configuration: there is no key ${unknown.join(', ')}; the keys are ${known.join(', ')}.`,
  )
}

function badConfig(error: z.ZodError, given: Readonly<Record<string, unknown>>): ConfigError {
  const faults = error.issues.map((issue) => {
    const key = issue.path.map(String).join('.')
    return key in given
      ? `${key} is ${JSON.stringify(given[key])}: ${issue.message}`
      : `${key} is not set: ${issue.message}`
  })
  return new ConfigError(`bad configuration: ${faults.join('; ')}. Set it in cdk.json or with -c key=value.`)
}
