import { parseVenues } from '../../feed/venues/parse-venue.ts'
import { METRICS as COUNTED } from '../../functions/shared/runtime/metric-names.ts'
import { type Config, isOnAws } from '../../lib/config.ts'
import { STORAGE_GROWTH } from '../../lib/database-instance.ts'
import { UsageError } from '../terminal/errors.ts'
import type { Inventory } from './inventory.ts'
import { PRICES } from './prices.ts'
import { type Load, type Usage, usageOf } from './usage.ts'

const HOURS = 730
const MONTH_SECONDS = HOURS * 3600
const DAY_SECONDS = 24 * 3600
const YEAR_DAYS = 365
/** Up to that Kinesis charges for keeping records by the shard, beyond it by the GB; in hours. */
const EXTENDED_RETENTION = 168
/** Of a record of `bars` or `signals`, at the most. */
const RECORD_BYTES = 1024
/** In the database with its indices, measured: the bar (168), its indicators (890) and patterns (410 on average). */
const BAR_BYTES = 1470
/** Embedded metrics and Lambda's own lines. */
const LOG_BYTES_PER_INVOCATION = 1500
/** Metrics of an event source mapping. */
const METRICS_OF_MAPPING = 7
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
  const services = Object.entries({
    Kinesis: kinesis(config, usage),
    'API Gateway': millions(usage.apiRequests, PRICES.apiGateway.millionRequests),
    WebSocket:
      millions(usage.messages, PRICES.apiGateway.millionMessages) +
      millions(usage.clients / 60, PRICES.apiGateway.millionConnectionMinutes),
    Lambda: lambda(usage),
    DynamoDB:
      millions(usage.stateWrites + placeWrites(config), PRICES.dynamodb.millionWrites) +
      millions(usage.stateReads, PRICES.dynamodb.millionReads),
    RDS: inventory.databases === 0 ? 0 : rds(config, storage),
    CloudWatch: cloudwatch(usage, inventory),
    S3: s3(config, usage),
    'X-Ray': isOnAws(config) && config.tracing === 'on' ? xray(usage) : 0,
    'Secrets Manager': inventory.secrets * PRICES.secretsManager.secretMonth,
    ...fargate(inventory),
    'VPC endpoint': inventory.endpointZones * HOURS * PRICES.vpc.endpointZoneHour,
  }).toSorted(([, a], [, b]) => b - a)
  const total = services.reduce((sum, [, dollars]) => sum + dollars, 0)
  const ticks = load.symbols * load.ticksPerSecond * MONTH_SECONDS
  return { load, usage, storage, services: new Map(services), total, perMillionTicks: (total / ticks) * 1e6 }
}

/** Objects of the archive, and what it holds after a year, or its retention where that is less. */
function s3({ archiveDays, archiveGlacierDays }: Config, { archiveBytes, archiveObjects }: Usage): number {
  const days = archiveDays === 0 ? YEAR_DAYS : Math.min(YEAR_DAYS, archiveDays)
  const standardDays = archiveGlacierDays === 0 ? days : Math.min(days, archiveGlacierDays)
  const gbOfDay = (archiveBytes * DAY_SECONDS) / 1e9
  const { gbMonth, glacierGbMonth, millionPuts } = PRICES.s3
  return (
    millions(archiveObjects, millionPuts) +
    gbOfDay * (standardDays * gbMonth + (days - standardDays) * glacierGbMonth)
  )
}

function kinesis(config: Config, usage: Usage): number {
  const { tickShards, barShards, signalShards, tickRecords, tickBytes, bars, signalRecords } = usage
  const { shardHour, extendedShardHour, millionPutUnits } = PRICES.kinesis
  if (config.streamMode === 'on-demand') {
    const { onDemandStreamHour, onDemandInGb, onDemandOutGb } = PRICES.kinesis
    const perMonth = (bytes: number): number => (bytes * MONTH_SECONDS) / 1e9
    const ticks = perMonth(Math.max(tickBytes, tickRecords * 1024))
    const barsGb = perMonth(bars * RECORD_BYTES)
    const signals = perMonth(signalRecords * RECORD_BYTES)
    const { onDemandExtendedGbMonth } = PRICES.kinesis
    const bytes = tickBytes + (bars + signalRecords) * RECORD_BYTES
    const extendedHours = Math.min(config.streamRetentionHours, EXTENDED_RETENTION) - 24
    const kept = ((bytes * extendedHours * 3600) / 1e9) * onDemandExtendedGbMonth + longTerm(config, usage)
    const readersOfTicks = config.archive === 'on' ? 2 : 1
    // Bars are read by the analytics, signals by none of the others; both by the bar-writer and the broadcaster.
    const readers = config.websocket === 'on' ? 2 : 1
    const dataIn = (ticks + barsGb + signals) * onDemandInGb
    return (
      3 * HOURS * onDemandStreamHour +
      dataIn +
      (readersOfTicks * ticks + (1 + readers) * barsGb + readers * signals) * onDemandOutGb +
      kept
    )
  }
  const ofShard = shardHour + (config.streamRetentionHours > 24 ? extendedShardHour : 0)
  const records = tickRecords + bars + signalRecords
  const shards = (tickShards + barShards + signalShards) * HOURS * ofShard
  return shards + millions(records, millionPutUnits) + longTerm(config, usage)
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

/** Tasks of the venue feed, each with an address; nothing where there are none. */
function fargate({ tasks, taskVcpus, taskGb }: Inventory): Record<string, number> {
  if (tasks === 0) return {}
  const { vcpuHour, gbHour } = PRICES.fargate
  return { Fargate: HOURS * (taskVcpus * vcpuHour + taskGb * gbHour + tasks * PRICES.vpc.addressHour) }
}

function storageOf(config: Config, { bars }: Usage): Storage {
  const gibOf = (days: number): number => (bars * days * DAY_SECONDS * BAR_BYTES) / 2 ** 30
  const daysUntilFull = (config.databaseStorageGib * STORAGE_GROWTH) / gibOf(1)
  return {
    billedGib: Math.max(config.databaseStorageGib, gibOf(Math.min(YEAR_DAYS, config.barRetentionDays))),
    keptGib: gibOf(config.barRetentionDays),
    daysUntilFull: daysUntilFull < config.barRetentionDays ? daysUntilFull : undefined,
  }
}

function rds(config: Config, { billedGib }: Storage): number {
  const { instanceHour, gp3GbMonth, proxyVcpuHour } = PRICES.rds
  const hourly = Object.entries(instanceHour).find(([name]) => name === config.databaseInstance)?.[1]
  if (hourly === undefined)
    throw new PriceError(
      `there is no price for databaseInstance ${config.databaseInstance}; there are those of ` +
        `${Object.keys(instanceHour).join(', ')}: add it to bin/cost/prices.ts`,
    )
  const zones = config.databaseZones === 'multi' ? 2 : 1
  const proxy = config.databaseProxy === 'on' ? 2 * HOURS * proxyVcpuHour : 0
  return zones * (HOURS * hourly + billedGib * gp3GbMonth) + proxy
}

function cloudwatch({ functions }: Usage, inventory: Inventory): number {
  const { metricMonth, alarmMetricMonth, compositeAlarmMonth, dashboardMonth, logsInGb } = PRICES.cloudwatch
  const counted = Object.entries(COUNTED).flatMap(([part, names]) =>
    inventory.functions.includes(part) || (part === 'venue-feed' && inventory.tasks > 0) ? names : [],
  ).length
  const metrics = counted + inventory.eventSourceMappings * METRICS_OF_MAPPING
  const logBytes = invocationsOf(functions) * MONTH_SECONDS * LOG_BYTES_PER_INVOCATION
  return (
    metrics * metricMonth +
    inventory.alarmMetrics * alarmMetricMonth +
    inventory.compositeAlarms * compositeAlarmMonth +
    inventory.dashboards * dashboardMonth +
    (logBytes / 1e9) * logsInGb
  )
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
