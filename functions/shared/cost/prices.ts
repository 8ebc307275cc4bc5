/**
 * What AWS charges in us-east-1, in US dollars, without tax, free tier and discounts. Check against
 * https://calculator.aws before a decision hangs on it.
 */
export const PRICES = {
  asOf: 'November 2025',
  region: 'us-east-1',
  kinesis: {
    shardHour: 0.015,
    /** A payload unit is up to 25 KB of one record. */
    millionPutUnits: 0.014,
    /** For keeping records longer than 24 h, up to 7 days. */
    extendedShardHour: 0.02,
    /** For each shard and consumer with enhanced fan-out, and for what it reads. */
    fanOutShardHour: 0.015,
    fanOutGb: 0.013,
    onDemandFanOutGb: 0.05,
    /** For what is kept longer than 7 days. */
    longTermGbMonth: 0.023,
    onDemandStreamHour: 0.04,
    /** Each record counts as at least 1 KB. */
    onDemandInGb: 0.08,
    onDemandOutGb: 0.04,
    /** For what is kept longer than 24 h, up to 7 days. */
    onDemandExtendedGbMonth: 0.1,
  },
  /** On Arm. */
  lambda: { millionRequests: 0.2, gbSecond: 0.000_013_333_4 },
  /** On demand; a read is a consistent one of up to 4 KB. */
  dynamodb: { millionWrites: 0.625, millionReads: 0.125 },
  rds: {
    /** Postgres in one zone. */
    instanceHour: {
      't4g.micro': 0.016,
      't4g.small': 0.032,
      't4g.medium': 0.065,
      't4g.large': 0.129,
      'm7g.large': 0.168,
      'm7g.xlarge': 0.337,
      'm7g.2xlarge': 0.673,
    },
    /** In one zone. */
    gp3GbMonth: 0.115,
    /** Per vCPU of the instance, at least two. */
    proxyVcpuHour: 0.015,
  },
  secretsManager: { secretMonth: 0.4 },
  /** Of a key of one's own; each of its first two rotations adds as much. */
  kms: { keyMonth: 1 },
  waf: { aclMonth: 5, ruleMonth: 1, millionRequests: 0.6 },
  cloudwatch: {
    metricMonth: 0.3,
    /** Per metric that an alarm looks at. */
    alarmMetricMonth: 0.1,
    compositeAlarmMonth: 0.5,
    dashboardMonth: 3,
    logsInGb: 0.5,
    /** Compressed. */
    logsGbMonth: 0.03,
  },
  /** Standard, and Glacier Instant Retrieval. */
  s3: { gbMonth: 0.023, glacierGbMonth: 0.004, millionPuts: 5 },
  /** Of RDS and of AWS Backup, in the region where they are kept; and what goes from one region to another. */
  backup: { databaseGbMonth: 0.095, tableGbMonth: 0.1, transferGb: 0.02 },
  xray: { millionTraces: 5 },
  vpc: { endpointZoneHour: 0.01, addressHour: 0.005 },
  /** On Arm. */
  fargate: { vcpuHour: 0.032_38, gbHour: 0.003_56 },
  /** An application load balancer, and what it does: 3000 connections, 25 new ones a second, 1 GB an hour. */
  loadBalancer: { hour: 0.0225, capacityUnitHour: 0.008 },
  apiGateway: {
    millionRequests: 3.5,
    /** Of a WebSocket API, up to the first billion; each 32 KB of a message counts as one. */
    millionMessages: 1,
    millionConnectionMinutes: 0.25,
  },
} as const
