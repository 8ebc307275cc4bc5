import type * as z from 'zod'

import { largestItem } from '../functions/analytics/largest-state.ts'
import { readInstanceClass } from '../functions/shared/cost/instance-class.ts'
import { readAnalysis } from '../functions/shared/runtime/analysis-fields.ts'
import { parseVenues } from '../feed/venues/parse-venue.ts'
import { refuseOwnParts } from './config-own-parts.ts'
import { refuseUnregulated } from './config-regulated.ts'
import { ConfigError } from './config-error.ts'
import {
  configSchema,
  REGULATED_DEFAULTS,
  RENAMED_KEYS,
  STAGE_DEFAULTS,
  stageSchema,
  stagesSchema,
} from './config-schema.ts'

/** The config of a deployment, with everything filled in; `lib/config-schema.ts` describes each key. */
export type Config = Omit<z.output<typeof configSchema>, 'maxRecordAgeHours'> & {
  readonly maxRecordAgeHours: number
}

/** False for one machine and for emulators, which have no network, no alarms and no database of their own. */
export function isOnAws({ stage }: Config): boolean {
  return stage !== 'local'
}

/** Lambda's limit for the age of a record, in hours. */
const LONGEST_RECORD_AGE = 168
/** DynamoDB's limit for an item, in bytes. */
const LARGEST_ITEM = 400 * 1024

/** Connections that a GiB of the database's memory carries: some MB each, beside what Postgres shares. */
const CONNECTIONS_PER_GIB = 80

/** The database's limit of connections; each instance of a function holds one. */
export function connectionsOf({ databaseInstance }: Pick<Config, 'databaseInstance'>): number {
  return Math.min(200, readInstanceClass(databaseInstance).memoryGib * CONNECTIONS_PER_GIB)
}

type Settings = Readonly<Record<string, unknown>>

/**
 * Reads the config through a context look-up: a key by itself (`-c key=value`) wins over the section of the stage in
 * `stages` (cdk.json), that over `fallback`, and that over the defaults of the stage.
 *
 * @throws ConfigError naming the key, its value and what is allowed
 */
export function readConfig(context: (key: string) => unknown, fallback: Settings = {}): Config {
  for (const key of Object.keys(RENAMED_KEYS)) if (context(key) !== undefined) refuseRenamed(key)
  const direct: Record<string, unknown> = {}
  for (const key of Object.keys(configSchema.shape)) {
    const value = context(key)
    if (value !== undefined && value !== null) direct[key] = value
  }
  const stages = readStages(context('stages'))
  const stage = stageSchema.safeParse(direct['stage'])
  const given: Settings = { ...fallback, ...(stage.success && stages[stage.data]), ...direct }
  const parsed = configSchema.safeParse({
    ...(stage.success && STAGE_DEFAULTS[stage.data]),
    ...(given['regulated'] === 'on' && REGULATED_DEFAULTS),
    ...given,
  })
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
  refuseTooFewWriters(parsed.data)
  refuseTooManyReaders(parsed.data)
  refuseFanOut(parsed.data)
  refuseZones(parsed.data)
  refuseLateTransition(parsed.data)
  refuseHalfAnIssuer(parsed.data)
  refuseVenues(parsed.data)
  refuseOwnParts(parsed.data, given)
  refuseUnregulated(parsed.data, given)
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

function refuseHalfAnIssuer(config: z.output<typeof configSchema>): void {
  const { stage, access, oidcIssuer, oidcClientId, dashboardDomain, dashboardCertificateArn } = config
  const pairs = [
    { oidcIssuer, oidcClientId },
    { dashboardDomain, dashboardCertificateArn },
  ]
  for (const pair of pairs) {
    const missing = Object.entries(pair).filter(([, value]) => value === undefined)
    const names = Object.keys(pair).join(' and ')
    for (const [key] of missing.length === 1 ? missing : [])
      throw new ConfigError(
        `bad configuration: ${key} is not set: ${names} go together; set both, or neither.`,
      )
  }
  if (access === 'people' && stage === 'local' && oidcIssuer === undefined)
    throw new ConfigError(
      'bad configuration: oidcIssuer is not set: in stage local there is no user pool, so access people wants oidcIssuer ' +
        'and oidcClientId, an issuer of OpenID Connect and the client id that TickStock has there.',
    )
  refuseWithoutPeople(config)
}

function refuseVenues({
  stage,
  venues,
  venueCopies,
  venueKeysSecretArn,
}: z.output<typeof configSchema>): void {
  const bad = (key: string, text: string): ConfigError => new ConfigError(`bad configuration: ${key} ${text}`)
  const all = parseVenues(venues).map(({ venue }) => venue)
  if (all.length === 0) {
    const given = venueKeysSecretArn === undefined ? venueCopies > 1 && 'venueCopies' : 'venueKeysSecretArn'
    if (given !== false) throw bad(given, 'is set, and venues is not: name the venues, or leave it out.')
    return
  }
  if (stage === 'local')
    throw bad(
      'venues',
      `is "${venues}": stage local has no service for them; start with npm start -- --venue NAME.`,
    )
  const single = all.find((venue) => 'fillSince' in venue && venue.hasOneConnection)
  if (venueCopies > 1 && single !== undefined)
    throw bad(
      'venueCopies',
      `is ${venueCopies}: ${single.name} allows an account one connection; allowed is 1.`,
    )
  const keyed = all.find(({ keys = [] }) => keys.some(({ isOptional }) => isOptional !== true))
  if (keyed !== undefined && venueKeysSecretArn === undefined)
    throw bad(
      'venueKeysSecretArn',
      `is not set: ${keyed.name} wants keys; docs/deploy.md says how to store them.`,
    )
}

function refuseWithoutPeople(config: z.output<typeof configSchema>): void {
  const { access, oidcIssuer, dashboardDomain, dashboardWebAclArn } = config
  if (access === 'people') return
  for (const [key, value] of Object.entries({ oidcIssuer, dashboardDomain, dashboardWebAclArn }))
    if (value !== undefined)
      throw new ConfigError(
        `bad configuration: ${key} is ${JSON.stringify(value)}: with access keys nobody signs in, so it has no effect; ` +
          'set access to people, or leave it out.',
      )
}

/** Lambda calls the bar-writer for each shard separately, and throttles the calls that exceed its reservation. */
function refuseTooFewWriters(config: z.output<typeof configSchema>): void {
  const { barWriterConcurrency, barShards, signalShards, streamMode } = config
  const shards = barShards + signalShards
  if (streamMode === 'on-demand' || barWriterConcurrency === 0 || barWriterConcurrency >= shards) return
  throw new ConfigError(
    `bad configuration: barWriterConcurrency is ${barWriterConcurrency}: allowed is 0, or from ${shards} on, an instance ` +
      'for each of the barShards and signalShards, since the others would be throttled.',
  )
}

function refuseZones({ stage, region, zones }: z.output<typeof configSchema>): void {
  if (zones === undefined) return
  const bad = (text: string): ConfigError =>
    new ConfigError(`bad configuration: zones is "${zones}": ${text}`)
  if (stage === 'local') throw bad('stage local has no network; leave it out.')
  const [first, second] = zones.split(',')
  if (first === second) throw bad('it is twice the same; RDS wants two zones.')
  const elsewhere = [first, second].find((zone) => !zone?.startsWith(region ?? ''))
  if (elsewhere !== undefined) throw bad(`${elsewhere} is not in region ${region}.`)
}

function refuseFanOut({ stage, latency }: z.output<typeof configSchema>): void {
  if (stage !== 'local' || latency !== 'lowest') return
  throw new ConfigError(
    'bad configuration: latency is "lowest": stage local has no enhanced fan-out; allowed is low or economy.',
  )
}

/** The migrator gives readers three quarters of the connections; RDS Proxy shares them. */
function refuseTooManyReaders(config: z.output<typeof configSchema>): void {
  const { stage, apiConcurrency, databaseInstance, databaseProxy, databaseSecretArn } = config
  const readers = (connectionsOf(config) * 3) / 4
  // The connections of an existing database are not known here.
  if (stage === 'local' || databaseSecretArn !== undefined) return
  if (databaseProxy === 'on' || apiConcurrency <= readers) return
  throw new ConfigError(
    `bad configuration: apiConcurrency is ${apiConcurrency}: allowed is ${readers} with databaseInstance ${databaseInstance}, ` +
      'whose other connections are for those who write; take a larger instance, or set databaseProxy to on.',
  )
}

/** S3 refuses a rule that moves objects after it has deleted them. */
function refuseLateTransition({ archiveDays, archiveGlacierDays }: z.output<typeof configSchema>): void {
  if (archiveDays === 0 || archiveGlacierDays < archiveDays) return
  throw new ConfigError(
    `bad configuration: archiveGlacierDays is ${archiveGlacierDays}: allowed is less than archiveDays (${archiveDays}), ` +
      'after which objects are deleted, or 0.',
  )
}

/**
 * The settings of each stage that cdk.json has.
 *
 * @throws ConfigError naming the unknown stage or key; all stages are checked, not only the one deployed
 */
function readStages(value: unknown): Readonly<Record<string, Settings>> {
  const parsed = stagesSchema.safeParse(value ?? {})
  if (!parsed.success)
    throw new ConfigError(
      `bad configuration: stages is ${JSON.stringify(value)}: allowed is an object in cdk.json with the keys ` +
        `${stageSchema.options.join(', ')}, as {"prod":{"alarmEmail":"you@example.com"}}.`,
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

/** @throws ConfigError naming the new key when this one was renamed */
function refuseRenamed(key: string, where = 'the context'): void {
  const renamed = RENAMED_KEYS[key]
  if (renamed !== undefined)
    throw new ConfigError(
      `bad configuration: the key ${key} in ${where} is now named ${renamed}: rename it in cdk.json, or pass -c ${renamed}=value.`,
    )
}

/** The keys that the section of a stage may hold. */
function settableKeys(): readonly string[] {
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

function badConfig(error: z.ZodError, given: Readonly<Record<string, unknown>>): ConfigError {
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
