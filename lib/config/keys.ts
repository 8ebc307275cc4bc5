import { ConfigError } from './config-error.ts'
import { configSchema } from './schema.ts'

/** Keys that have a new name; the old one is refused. */
export const RENAMED_KEYS: Readonly<Record<string, keyof typeof configSchema.shape>> = {
  session: 'tradingHours',
  vwapSession: 'vwapAnchor',
}

/** @throws ConfigError naming the new key when this one was renamed */
export function refuseRenamed(key: string, where = 'the context'): void {
  const renamed = RENAMED_KEYS[key]
  if (renamed !== undefined)
    throw new ConfigError(
      `bad configuration: the key ${key} in ${where} is now named ${renamed}: rename it in cdk.json, or pass -c ${renamed}=value.`,
    )
}

/** The keys that the section of a stage may hold. */
export function settableKeys(): readonly string[] {
  return Object.keys(configSchema.shape).filter((key) => key !== 'stage')
}

/**
 * Finds mistyped keys. Keys of the CDK itself and of its look-ups contain a colon, a slash or an @.
 *
 * @throws ConfigError naming the key
 */
export function refuseUnknownKeys(keys: readonly string[]): void {
  const known = [...Object.keys(configSchema.shape), 'stages']
  for (const key of keys) refuseRenamed(key)
  const unknown = keys.filter((key) => !/[:/@]/.test(key) && !known.includes(key))
  if (unknown.length === 0) return
  throw new ConfigError(
    `bad configuration: there is no key ${unknown.join(', ')}; the keys are ${known.join(', ')}.`,
  )
}
