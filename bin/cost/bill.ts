import type { Config } from '../../lib/config.ts'
import type { Inventory } from './inventory.ts'
import { PRICES } from './prices.ts'
import { type Load, type Usage, usageOf } from './usage.ts'

export const HOURS = 730
export const MONTH_SECONDS = HOURS * 3600
const YEAR_SECONDS = 365 * 24 * 3600
/** In the database with its indices, measured: the bar (168), its indicators (890) and patterns (410 on average). */
const BAR_BYTES = 1470
/** Embedded metrics and Lambda's own lines. */
const LOG_BYTES_PER_INVOCATION = 1500
/** Names of metrics that the functions write, and those of an event source mapping. */
const METRICS = { functions: 24, perMapping: 7 }
/** Of requests after the first in each second. */
const TRACED_SHARE = 0.05

/** A price that the constants do not have. */
export class PriceError extends Error {
  override readonly name = 'PriceError'
}

/** Dollars a month by service, the dearest first. */
export type Bill = {
  readonly load: Load
  readonly usage: Usage
  readonly services: ReadonlyMap<string, number>
  readonly total: number
  readonly perMillionTicks: number
}

/**
 * What a load costs in a month, after a year of bars in the database.
 *
 * @throws PriceError when there is no price for the database's instance
 */
export function billOf(config: Config, load: Load, inventory: Inventory): Bill {
  const usage = usageOf(config, load)
  const services = Object.entries({
    Kinesis: kinesis(config, usage),
    'API Gateway': millions(usage.apiRequests, PRICES.apiGateway.millionRequests),
    Lambda: lambda(usage),
    DynamoDB:
      millions(usage.stateWrites, PRICES.dynamodb.millionWrites) +
      millions(usage.stateReads, PRICES.dynamodb.millionReads),
    RDS: rds(config, usage),
    CloudWatch: cloudwatch(usage, inventory),
    'X-Ray': config.tracing === 'on' ? xray(usage) : 0,
    'Secrets Manager': inventory.secrets * PRICES.secretsManager.secretMonth,
    'VPC endpoint': inventory.endpointZones * HOURS * PRICES.vpc.endpointZoneHour,
  }).toSorted(([, a], [, b]) => b - a)
  const total = services.reduce((sum, [, dollars]) => sum + dollars, 0)
  const ticks = load.symbols * load.ticksPerSecond * MONTH_SECONDS
  return { load, usage, services: new Map(services), total, perMillionTicks: (total / ticks) * 1e6 }
}

function kinesis(config: Config, usage: Usage): number {
  const { tickShards, barShards, signalShards, tickRecords, tickBytes, bars, signalRecords } = usage
  const { shardHour, extendedShardHour, millionPutUnits } = PRICES.kinesis
  if (config.streamMode === 'on-demand') {
    const { onDemandStreamHour, onDemandInGb, onDemandOutGb } = PRICES.kinesis
    const perMonth = (bytes: number): number => (bytes * MONTH_SECONDS) / 1e9
    const ticks = perMonth(Math.max(tickBytes, tickRecords * 1024))
    const barsGb = perMonth(bars * 1024)
    const signals = perMonth(signalRecords * 1024)
    // Bars are read twice: by the analytics and by the bar-writer.
    const dataIn = (ticks + barsGb + signals) * onDemandInGb
    return 3 * HOURS * onDemandStreamHour + dataIn + (ticks + 2 * barsGb + signals) * onDemandOutGb
  }
  const ofShard = shardHour + (config.streamRetentionHours > 24 ? extendedShardHour : 0)
  const records = tickRecords + bars + signalRecords
  return (tickShards + barShards + signalShards) * HOURS * ofShard + millions(records, millionPutUnits)
}

function lambda({ functions }: Usage): number {
  const { millionRequests, gbSecond } = PRICES.lambda
  return Object.values(functions).reduce(
    (sum, { invocations, seconds, memoryGb }) =>
      sum + millions(invocations, millionRequests) + seconds * MONTH_SECONDS * memoryGb * gbSecond,
    0,
  )
}

function rds(config: Config, { bars }: Usage): number {
  const { instanceHour, gp3GbMonth, proxyVcpuHour } = PRICES.rds
  const hourly = Object.entries(instanceHour).find(([name]) => name === config.databaseInstance)?.[1]
  if (hourly === undefined)
    throw new PriceError(
      `there is no price for databaseInstance ${config.databaseInstance}; there are those of ` +
        `${Object.keys(instanceHour).join(', ')}: add it to bin/cost/prices.ts`,
    )
  const zones = config.databaseZones === 'multi' ? 2 : 1
  const keptSeconds = Math.min(YEAR_SECONDS, config.barRetentionDays * 24 * 3600)
  const storage = Math.max(config.databaseStorageGib, (bars * keptSeconds * BAR_BYTES) / 2 ** 30)
  const proxy = config.databaseProxy === 'on' ? 2 * HOURS * proxyVcpuHour : 0
  return zones * (HOURS * hourly + storage * gp3GbMonth) + proxy
}

function cloudwatch({ functions }: Usage, inventory: Inventory): number {
  const { metricMonth, alarmMetricMonth, compositeAlarmMonth, dashboardMonth, logsInGb } = PRICES.cloudwatch
  const metrics = METRICS.functions + inventory.eventSourceMappings * METRICS.perMapping
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

/** Dollars a month for so many a second, at a price per million. */
function millions(perSecond: number, price: number): number {
  return ((perSecond * MONTH_SECONDS) / 1e6) * price
}
