import type { Config } from '../../lib/config/config.ts'
import { billOf } from '../cost/bill.ts'
import type { Inventory } from '../cost/inventory.ts'
import type { Load, Usage } from '../cost/usage.ts'
import { ASSUMED, rowSeconds } from '../cost/usage.ts'
import { LIMITS } from './limits.ts'

/** A limit, what a load takes of it, and what carries more. */
export type Share = {
  readonly limit: string
  readonly used: number
  readonly allowed: number
  readonly unit: string
  /** What to set or to ask for. */
  readonly remedy: string
}

/** What a bar has in `signals` and `indicator-state`: records, and write units. */
const SIGNALS_PER_BAR = 1.4
const WRITES_PER_BAR = 2
const MINUTE_SECONDS = 60

/** Where a load stands against each limit with the shards that a config has, the nearest to its limit first. */
export function sharesOf(config: Config, load: Load, usage: Usage): readonly Share[] {
  return [
    ...ofStreams(config, load, usage),
    ...ofTables(usage, load),
    ...ofOthers(config, load, usage),
  ].toSorted((one, other) => other.used / other.allowed - one.used / one.allowed)
}

function ofStreams(config: Config, { symbols }: Load, { tickRecords, tickBytes }: Usage): Share[] {
  const { recordsPerShard, bytesPerShard } = LIMITS.kinesis
  const burst = symbols / ASSUMED.barBurstSeconds
  const records = (limit: string, used: number, shards: number, key: string): Share => ({
    limit,
    used,
    allowed: shards * recordsPerShard,
    unit: 'records/s',
    remedy: `\`${key}\``,
  })
  if (config.streamMode === 'on-demand') return []
  return [
    records('records of `ticks`', tickRecords, config.tickShards, 'tickShards'),
    {
      limit: 'bytes of `ticks`',
      used: tickBytes,
      allowed: config.tickShards * bytesPerShard,
      unit: 'bytes/s',
      remedy: '`tickShards`',
    },
    records('`bars` at the minute', burst, config.barShards, 'barShards'),
    records('`signals` at the minute', burst * SIGNALS_PER_BAR, config.signalShards, 'signalShards'),
  ]
}

function ofTables({ stateWrites, stateReads }: Usage, { symbols }: Load): Share[] {
  const { firstWrites, firstReads, tableWrites } = LIMITS.dynamodb
  const burst = (symbols * WRITES_PER_BAR) / ASSUMED.barBurstSeconds
  const writes = (limit: string, used: number, allowed: number, remedy: string): Share => ({
    limit,
    used,
    allowed,
    unit: 'units/s',
    remedy,
  })
  return [
    writes('writes to a new `minute-state`', stateWrites, firstWrites, 'warm throughput of the table'),
    writes(
      'writes to `minute-state`',
      stateWrites,
      tableWrites,
      '`latency: economy`, or the quota of the table',
    ),
    writes(
      'writes to a new `indicator-state` at the minute',
      burst,
      firstWrites,
      'warm throughput of the table',
    ),
    writes('writes to `indicator-state` at the minute', burst, tableWrites, 'the quota of the table'),
    writes('reads of new tables', stateReads, firstReads, 'warm throughput of the table'),
  ]
}

function ofOthers(config: Config, { symbols }: Load, usage: Usage): Share[] {
  const { tickShards, barShards, signalShards } = usage
  const writers = barShards + signalShards
  const readers = (config.archive === 'on' ? 2 : 1) * tickShards + 3 * barShards + 2 * signalShards
  const rows = symbols * (1 + SIGNALS_PER_BAR) * rowSeconds()
  const shares: Share[] = [
    {
      limit: 'shards of the account',
      used: tickShards + writers,
      allowed: LIMITS.kinesis.shards,
      unit: 'shards',
      remedy: 'the quota of Kinesis',
    },
    {
      limit: 'shards of `ticks` that a setting allows',
      used: tickShards,
      allowed: 500,
      unit: 'shards',
      remedy: 'records of 1 s, or several deployments',
    },
    {
      limit: 'concurrent functions',
      used: readers,
      allowed: LIMITS.lambda.concurrency,
      unit: 'functions',
      remedy: 'the quota of Lambda',
    },
    {
      limit: 'Postgres, rows of a minute',
      used: rows,
      allowed: MINUTE_SECONDS,
      unit: 's of a writer',
      remedy: '`databaseInstance`, several writers',
    },
    {
      limit: 'storage of a year',
      used: (symbols * 1440 * 365 * 1470) / 2 ** 30,
      allowed: LIMITS.rds.storageGib,
      unit: 'GiB',
      remedy: '`barRetentionDays`',
    },
  ]
  if (config.barWriterConcurrency === 0) return shares
  const remedy = '`barWriterConcurrency`'
  const reserved = { used: writers, allowed: config.barWriterConcurrency, unit: 'functions', remedy }
  return [...shares, { limit: 'reserved bar-writers', ...reserved }]
}

/** What WebSocket clients that subscribe to all symbols cost and come to. */
export type Audience = {
  /** That API Gateway's quota of requests carries while the bars of a minute come. */
  readonly clients: number
  /** Dollars a month of each. */
  readonly dollarsOfEach: number
}

export function audienceOf(config: Config, load: Load, inventory: Inventory): Audience {
  const { usage, services } = billOf(config, load, inventory)
  const ofEach = usage.clients === 0 ? 0 : usage.messages / usage.clients
  const inSpread = LIMITS.apiGateway.requests * ASSUMED.barSpreadSeconds
  return {
    clients: Math.floor(inSpread / (ofEach * MINUTE_SECONDS)),
    dollarsOfEach: (services.get('WebSocket') ?? 0) / Math.max(1, usage.clients),
  }
}
