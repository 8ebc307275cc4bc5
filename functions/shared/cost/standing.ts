import { readInstanceClass } from './instance-class.ts'
import { PRICES } from './prices.ts'

/** Hours of a month, on average. */
export const MONTH_HOURS = 730
/** Up to that Kinesis charges for keeping records by the shard; in hours. */
export const EXTENDED_RETENTION = 168
/** Metrics of an event source mapping. */
export const METRICS_OF_MAPPING = 7

/** What of a stage costs money even when it is idle. */
export type Standing = {
  /** Shards of streams that have a number of them. */
  readonly shards: number
  /** Those shards times the consumers that read them over enhanced fan-out. */
  readonly fanOutShards: number
  /** Streams that have none. */
  readonly onDemandStreams: number
  readonly retentionHours: number
  /** Undefined where the database is somebody else's. */
  readonly database:
    | { readonly instance: string; readonly zones: number; readonly gib: number; readonly hasProxy: boolean }
    | undefined
  readonly secrets: number
  /** Of KMS, that the stack makes. */
  readonly keys: number
  /** Of WAF, that the stack makes, and the rules in them. */
  readonly webAcls: number
  readonly webAclRules: number
  /** Zones times interface endpoints. */
  readonly endpointZones: number
  readonly metrics: number
  readonly alarmMetrics: number
  readonly compositeAlarms: number
  readonly dashboards: number
  /** Application load balancers, and their zones, in each of which one has an address. */
  readonly loadBalancers: number
  readonly loadBalancerZones: number
  /** Of Fargate. */
  readonly tasks: number
  readonly taskVcpus: number
  readonly taskGb: number
}

/** Dollars per month by service; undefined where there is no price for the instance of the database. */
export function standingCost(standing: Standing): Readonly<Record<StandingService, number>> | undefined {
  const database = databaseCost(standing.database)
  if (database === undefined) return undefined
  const { metricMonth, alarmMetricMonth, compositeAlarmMonth, dashboardMonth } = PRICES.cloudwatch
  const { vcpuHour, gbHour } = PRICES.fargate
  const { tasks, taskVcpus, taskGb } = standing
  return {
    Kinesis: streamCost(standing),
    RDS: database,
    CloudWatch:
      standing.metrics * metricMonth +
      standing.alarmMetrics * alarmMetricMonth +
      standing.compositeAlarms * compositeAlarmMonth +
      standing.dashboards * dashboardMonth,
    'Secrets Manager': standing.secrets * PRICES.secretsManager.secretMonth,
    KMS: standing.keys * PRICES.kms.keyMonth,
    WAF: standing.webAcls * PRICES.waf.aclMonth + standing.webAclRules * PRICES.waf.ruleMonth,
    Fargate: MONTH_HOURS * (taskVcpus * vcpuHour + taskGb * gbHour + tasks * PRICES.vpc.addressHour),
    'Load balancer': loadBalancerCost(standing),
    'VPC endpoint': standing.endpointZones * MONTH_HOURS * PRICES.vpc.endpointZoneHour,
  }
}

type StandingService =
  | 'Kinesis'
  | 'RDS'
  | 'CloudWatch'
  | 'Secrets Manager'
  | 'KMS'
  | 'WAF'
  | 'Fargate'
  | 'Load balancer'
  | 'VPC endpoint'

/** With what it can do at least, which a thousand clients of a bridge do not exceed. */
function loadBalancerCost({ loadBalancers, loadBalancerZones }: Standing): number {
  const { hour, capacityUnitHour } = PRICES.loadBalancer
  return (
    MONTH_HOURS * (loadBalancers * (hour + capacityUnitHour) + loadBalancerZones * PRICES.vpc.addressHour)
  )
}

function streamCost({ shards, fanOutShards, onDemandStreams, retentionHours }: Standing): number {
  const { shardHour, extendedShardHour, fanOutShardHour, onDemandStreamHour } = PRICES.kinesis
  const ofShard = shardHour + (retentionHours > 24 ? extendedShardHour : 0)
  return (
    MONTH_HOURS * (shards * ofShard + fanOutShards * fanOutShardHour + onDemandStreams * onDemandStreamHour)
  )
}

function databaseCost(database: Standing['database']): number | undefined {
  if (database === undefined) return 0
  const { instance, zones, gib, hasProxy } = database
  const { instanceHour, gp3GbMonth, proxyVcpuHour } = PRICES.rds
  const hourly = Object.entries(instanceHour).find(([name]) => name === instance)?.[1]
  if (hourly === undefined) return undefined
  const vcpus = Math.max(2, readInstanceClass(instance).vcpus)
  return (
    zones * (MONTH_HOURS * hourly + gib * gp3GbMonth) + (hasProxy ? vcpus * MONTH_HOURS * proxyVcpuHour : 0)
  )
}
