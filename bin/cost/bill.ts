import { parseVenues } from '../../feed/venues/parse-venue.ts'
import { PRICES } from '../../functions/shared/cost/prices.ts'
import {
  EXTENDED_RETENTION,
  METRICS_OF_MAPPING,
  MONTH_HOURS,
  standingCost,
} from '../../functions/shared/cost/standing.ts'
import { METRICS as COUNTED } from '../../functions/shared/runtime/metric-names.ts'
import { type Config, isOnAws } from '../../lib/config/config.ts'
import { fanOutOf, fanOutShards } from '../../lib/fan-out.ts'
import { STORAGE_GROWTH } from '../../lib/database-instance.ts'
import { UsageError } from '../terminal/errors.ts'
import { backupRegionCost } from './backup-region.ts'
import type { Inventory } from './inventory.ts'
import { type Load, type Usage, usageOf } from './usage.ts'

const MONTH_SECONDS = MONTH_HOURS * 3600
const DAY_SECONDS = 24 * 3600
const YEAR_DAYS = 365
/** Of a record of `bars` or `signals`, at the most. */
const RECORD_BYTES = 1024
/** In the database with its indices, measured: the bar (168), its indicators (890) and patterns (410 on average). */
const BAR_BYTES = 1470
/** Embedded metrics and Lambda's own lines. */
const LOG_BYTES_PER_INVOCATION = 1500
/** Of RDS's enhanced monitoring; assumed. */
const SAMPLE_BYTES = 6000
/** What AWS reckons with. */
const LOG_COMPRESSION = 0.15
/** Between two writes of a symbol's place, of the venue feed. */
const PLACE_SECONDS = 10
/** Of requests after the first in each second. */
const TRACED_SHARE = 0.05

/** A price that the constants do not have. */
export class PriceError extends UsageError {
  override readonly name = 'PriceError'
}

/** What the database has to hold; GiB in one zone. */
type Storage = {
  /** After a year, or the retention where that is less. */
  readonly billedGib: number
  /** What a day adds. */
  readonly dailyGib: number
  /** When the retention is reached. */
  readonly keptGib: number
  /** Until storage autoscaling reaches its limit; undefined when it never does. */
  readonly daysUntilFull: number | undefined
}

/** Dollars per month by service, the highest first. */
export type Bill = {
  readonly load: Load
  readonly usage: Usage
  readonly storage: Storage
  readonly services: ReadonlyMap<string, number>
  readonly total: number
  readonly perMillionTicks: number
}

/**
 * What a load costs per month, after a year of bars in the database.
 *
 * @throws PriceError when there is no price for the database's instance
 */
export function billOf(config: Config, load: Load, inventory: Inventory): Bill {
  const usage = usageOf(config, load)
  const storage = storageOf(config, usage)
  const standing = standingOf(config, { usage, storage, inventory })
  const services = Object.entries({
    Kinesis: standing.Kinesis + kinesis(config, usage) + fanOutData(config, usage),
    'API Gateway': millions(usage.apiRequests, PRICES.apiGateway.millionRequests),
    WebSocket:
      millions(usage.messages, PRICES.apiGateway.millionMessages) +
      millions(usage.clients / 60, PRICES.apiGateway.millionConnectionMinutes),
    Lambda: lambda(usage),
    DynamoDB:
      millions(usage.stateWrites + placeWrites(config), PRICES.dynamodb.millionWrites) +
      millions(usage.stateReads, PRICES.dynamodb.millionReads),
    RDS: standing.RDS,
    CloudWatch: standing.CloudWatch + logs(config, usage) + monitoring(config, inventory),
    S3: s3(config, usage),
    'X-Ray': isOnAws(config) && config.tracing === 'on' ? xray(usage) : 0,
    'Secrets Manager': standing['Secrets Manager'],
    ...(inventory.keys > 0 && { KMS: standing.KMS }),
    ...(config.apiWebAcl !== 'none' && {
      WAF: standing.WAF + millions(usage.apiRequests, PRICES.waf.millionRequests),
    }),
    ...(inventory.tasks > 0 && { Fargate: standing.Fargate }),
    ...(inventory.loadBalancers > 0 && { 'Load balancer': standing['Load balancer'] }),
    ...(config.backupRegion !== undefined && {
      'Backup region': backupRegionCost(config, {
        load,
        usage,
        database:
          inventory.databases === 0 ? undefined : { gib: storage.billedGib, dailyGib: storage.dailyGib },
        archiveStorage: archiveStorage(config, usage),
      }),
    }),
    'VPC endpoint': standing['VPC endpoint'],
  }).toSorted(([, a], [, b]) => b - a)
  const total = services.reduce((sum, [, dollars]) => sum + dollars, 0)
  const ticks = load.symbols * load.ticksPerSecond * MONTH_SECONDS
  return { load, usage, storage, services: new Map(services), total, perMillionTicks: (total / ticks) * 1e6 }
}

/** @throws PriceError when there is no price for the database's instance */
function standingOf(
  config: Config,
  {
    usage: { tickShards, barShards, signalShards },
    storage,
    inventory,
  }: { readonly usage: Usage; readonly storage: Storage; readonly inventory: Inventory },
) {
  const isOnDemand = config.streamMode === 'on-demand'
  const counted = Object.entries(COUNTED).flatMap(([part, names]) =>
    inventory.functions.includes(part) || (part === 'venue-feed' && config.venues !== '') ? names : [],
  ).length
  const cost = standingCost({
    ...inventory,
    shards: isOnDemand ? 0 : tickShards + barShards + signalShards,
    fanOutShards: isOnDemand ? 0 : fanOutShards(fanOutOf(config), { tickShards, barShards, signalShards }),
    onDemandStreams: isOnDemand ? 3 : 0,
    retentionHours: config.streamRetentionHours,
    database:
      inventory.databases === 0
        ? undefined
        : {
            instance: config.databaseInstance,
            zones: config.databaseZones === 'multi' ? 2 : 1,
            gib: storage.billedGib,
            hasProxy: config.databaseProxy === 'on',
          },
    metrics: counted + inventory.eventSourceMappings * METRICS_OF_MAPPING,
  })
  if (cost !== undefined) return cost
  throw new PriceError(
    `there is no price for databaseInstance ${config.databaseInstance}; there are those of ` +
      `${Object.keys(PRICES.rds.instanceHour).join(', ')}: add it to functions/shared/cost/prices.ts`,
  )
}

/** Objects of the archive, and what it holds. */
function s3(config: Config, usage: Usage): number {
  return millions(usage.archiveObjects, PRICES.s3.millionPuts) + archiveStorage(config, usage)
}

/** After a year, or its retention where that is less. */
function archiveStorage(config: Config, { archiveBytes }: Usage): number {
  const { archiveDays, archiveGlacierDays } = config
  const days = archiveDays === 0 ? YEAR_DAYS : Math.min(YEAR_DAYS, archiveDays)
  const standardDays = archiveGlacierDays === 0 ? days : Math.min(days, archiveGlacierDays)
  const gbOfDay = (archiveBytes * DAY_SECONDS) / 1e9
  const { gbMonth, glacierGbMonth } = PRICES.s3
  return (
    gbOfDay *
    (standardDays * gbMonth + (days - standardDays) * glacierGbMonth + versionDays(config) * gbMonth)
  )
}

/** Days for which small objects are kept that compaction has merged, where versions are kept or locked. */
function versionDays({ archive, archiveCompaction, bucketVersionDays, objectLockDays }: Config): number {
  const isMerged = archive === 'on' && archiveCompaction === 'on' && bucketVersionDays > 0
  return isMerged ? Math.min(YEAR_DAYS, Math.max(bucketVersionDays, objectLockDays)) : 0
}

/** What is put, kept and read, beside what its streams cost when idle. */
function kinesis(config: Config, usage: Usage): number {
  const { tickRecords, tickBytes, bars, signalRecords } = usage
  if (config.streamMode === 'on-demand') {
    const { onDemandInGb, onDemandOutGb } = PRICES.kinesis
    const perMonth = (bytes: number): number => (bytes * MONTH_SECONDS) / 1e9
    const ticks = perMonth(Math.max(tickBytes, tickRecords * 1024))
    const barsGb = perMonth(bars * RECORD_BYTES)
    const signals = perMonth(signalRecords * RECORD_BYTES)
    const { onDemandExtendedGbMonth } = PRICES.kinesis
    const bytes = tickBytes + (bars + signalRecords) * RECORD_BYTES
    const extendedHours = Math.min(config.streamRetentionHours, EXTENDED_RETENTION) - 24
    const kept = ((bytes * extendedHours * 3600) / 1e9) * onDemandExtendedGbMonth + longTerm(config, usage)
    const pushed = fanOutOf(config)
    const readersOfTicks = (config.archive === 'on' ? 2 : 1) - (pushed.ticks > 0 ? 1 : 0)
    // Bars are read by the analytics, signals by none of the others; both by the bar-writer and the broadcaster.
    const readers = config.websocket === 'on' ? 2 : 1
    const dataIn = (ticks + barsGb + signals) * onDemandInGb
    return (
      dataIn +
      (readersOfTicks * ticks + (1 + readers - pushed.bars) * barsGb + (readers - pushed.signals) * signals) *
        onDemandOutGb +
      kept
    )
  }
  const records = tickRecords + bars + signalRecords
  return millions(records, PRICES.kinesis.millionPutUnits) + longTerm(config, usage)
}

/** What consumers with enhanced fan-out read. */
function fanOutData(config: Config, { tickBytes, bars, signalRecords }: Usage): number {
  const readers = fanOutOf(config)
  const { fanOutGb, onDemandFanOutGb } = PRICES.kinesis
  const bytes =
    readers.ticks * tickBytes + (readers.bars * bars + readers.signals * signalRecords) * RECORD_BYTES
  const price = config.streamMode === 'on-demand' ? onDemandFanOutGb : fanOutGb
  return ((bytes * MONTH_SECONDS) / 1e9) * price
}

/** For keeping records longer than a week. */
function longTerm({ streamRetentionHours }: Config, { tickBytes, bars, signalRecords }: Usage): number {
  const hours = Math.max(0, streamRetentionHours - EXTENDED_RETENTION)
  const bytes = (tickBytes + (bars + signalRecords) * RECORD_BYTES) * hours * 3600
  return (bytes / 1e9) * PRICES.kinesis.longTermGbMonth
}

function lambda({ functions }: Usage): number {
  const { millionRequests, gbSecond } = PRICES.lambda
  return Object.values(functions).reduce(
    (sum, { invocations, seconds, memoryGb }) =>
      sum + millions(invocations, millionRequests) + seconds * MONTH_SECONDS * memoryGb * gbSecond,
    0,
  )
}

/** Per second: each copy writes how far each symbol is. */
function placeWrites({ venues, venueCopies }: Config): number {
  const symbols = parseVenues(venues).reduce(
    (sum, { venue, symbols: named = venue.defaultSymbols }) => sum + named.length,
    0,
  )
  return (symbols * venueCopies) / PLACE_SECONDS
}

function storageOf(config: Config, { bars }: Usage): Storage {
  const gibOf = (days: number): number => (bars * days * DAY_SECONDS * BAR_BYTES) / 2 ** 30
  const daysUntilFull = (config.databaseStorageGib * STORAGE_GROWTH) / gibOf(1)
  return {
    billedGib: Math.max(config.databaseStorageGib, gibOf(Math.min(YEAR_DAYS, config.barRetentionDays))),
    dailyGib: gibOf(1),
    keptGib: gibOf(config.barRetentionDays),
    daysUntilFull: daysUntilFull < config.barRetentionDays ? daysUntilFull : undefined,
  }
}

/** What is put, and what is kept of it for longer than a month. */
function logs({ logDays }: Config, { functions }: Usage): number {
  const gb = (invocationsOf(functions) * MONTH_SECONDS * LOG_BYTES_PER_INVOCATION) / 1e9
  const months = Math.max(0, Math.min(logDays, YEAR_DAYS) - 30) / 30
  const { logsInGb, logsGbMonth } = PRICES.cloudwatch
  return gb * logsInGb + gb * LOG_COMPRESSION * months * logsGbMonth
}

/** Samples of the database, of its standby too. */
function monitoring(
  { databaseMonitoringSeconds: seconds, databaseZones }: Config,
  { databases }: Inventory,
): number {
  if (seconds === 0) return 0
  const instances = databases * (databaseZones === 'multi' ? 2 : 1)
  return ((instances * MONTH_SECONDS) / seconds / 1e9) * SAMPLE_BYTES * PRICES.cloudwatch.logsInGb
}

function xray({ functions }: Usage): number {
  const invocations = invocationsOf(functions)
  const traced = Math.min(invocations, 1) + Math.max(0, invocations - 1) * TRACED_SHARE
  return millions(traced, PRICES.xray.millionTraces)
}

function invocationsOf(functions: Usage['functions']): number {
  return Object.values(functions).reduce((sum, { invocations }) => sum + invocations, 0)
}

/** Dollars per month for a rate per second, at a price per million. */
function millions(perSecond: number, price: number): number {
  return ((perSecond * MONTH_SECONDS) / 1e6) * price
}
