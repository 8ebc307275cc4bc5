import type { Encoding } from '../../feed/encode-record.ts'
import type { Config } from '../../lib/config/config.ts'
import { ARCHIVE_BATCH_SIZE, BATCH_SIZE, BATCH_WINDOW_SECONDS, deliverySeconds } from '../../lib/batching.ts'
import { SWEEPER_MEMORY } from '../../lib/sweeper.ts'
import { LIMITS } from '../scale/limits.ts'
import { HANDLER_SECONDS, onLambda } from './handler-costs.ts'

/** Ticks around the clock. */
export type Load = {
  readonly symbols: number
  readonly ticksPerSecond: number
  /** How the feed writes them. @default compact */
  readonly encoding?: Encoding
  /** The time whose ticks of a symbol are one record. @default the publisher's `maxAgeMs` */
  readonly batchSeconds?: number
}

/** What one function does, per second on average. */
type FunctionUsage = {
  readonly invocations: number
  readonly seconds: number
  readonly memoryGb: number
}

/** The usage of each service under a load, per second on average. */
export type Usage = {
  readonly tickShards: number
  readonly tickRecords: number
  readonly tickBytes: number
  readonly barShards: number
  readonly bars: number
  readonly signalShards: number
  readonly signalRecords: number
  readonly apiRequests: number
  /** WebSocket clients that are connected. */
  readonly clients: number
  /** Sent to them, each 32 KB counted as one. */
  readonly messages: number
  /** Objects that the archiver puts, and bytes in them. */
  readonly archiveObjects: number
  readonly archiveBytes: number
  /** Write and read units of DynamoDB. */
  readonly stateWrites: number
  readonly stateReads: number
  readonly functions: Readonly<Record<string, FunctionUsage>>
}

/** From the code and from what AWS documents. */
const DESIGN = {
  /** The publisher's `maxAgeMs`. */
  feedBatchSeconds: 0.1,
  /** Lambda looks at a shard once a second when there is no batch window. */
  pollSeconds: 1,
  /** Lambda's payload limit. */
  invocationBytes: 6_000_000,
  /** Kinesis metadata of a record in an invocation. */
  envelopeBytes: 500,
  commitsAtOnce: 50,
  /** The sweeper waits for the end of a minute, half a minute on average; then the grace and its margin, and the delivery. */
  sweeperWaitSeconds: 30 + 2.5,
  sweepsPerMinute: 2,
} as const

/** A record's frame and a tick in it, as `feed/encode-record.ts` writes them. */
export const RECORD_BYTES: Readonly<Record<Encoding, { readonly frame: number; readonly tick: number }>> = {
  json: { frame: 80, tick: 30 },
  compact: { frame: 47, tick: 4.1 },
}

/** From two hours of `npm start` with 70 symbols. */
const MEASURED = {
  /** Bytes of a symbol's item in `minute-state`. */
  stateBytes: 540,
  /** Bytes of a symbol's item in `indicator-state`: of a volatile price in cents, of which docs/state.md has more. */
  analysisBytes: 1200,
  /** Bytes of a record of `bars` and of `signals`. */
  barText: 240,
  signalText: 860,
  /** Bytes of a trade in the archive: of a synthetic market of 70 symbols, in objects of a minute. */
  archivedTrade: 22,
  /** Bytes of an item of `connections` that has all symbols. */
  connectionBytes: 120,
  /** Records of `signals` for a bar: the indicators, and patterns when there are any. */
  signalsPerBar: 1.4,
} as const

/** What API Gateway counts as one message of a WebSocket API. */
const MESSAGE_BYTES = 32 * 1024

/** What DynamoDB counts as one write, and as one consistent read. */
const UNIT_BYTES = { write: 1024, read: 4096 } as const

const MEMORY_GB = 0.5

/** How long the bar-writer takes for a row, most of it in Postgres. */
export function rowSeconds(): number {
  return onLambda(HANDLER_SECONDS.row, MEMORY_MB) + ASSUMED.databaseRowSeconds
}

/** How long the aggregator takes for a batch of so many symbols; its trades come on top. */
export function aggregationSeconds(symbols: number): number {
  const commits = Math.ceil(symbols / DESIGN.commitsAtOnce) * ASSUMED.commitSeconds
  return ASSUMED.invocationSeconds + commits + symbols * onLambda(HANDLER_SECONDS.symbol, MEMORY_MB)
}

/** Of functions of the pipeline, and of the archiver. */
const MEMORY_MB = 512
const ARCHIVER_MB = 1024

/** Not measured on AWS: what functions wait for, what readers ask, and how bars spread over a minute. */
export const ASSUMED = {
  invocationSeconds: 0.03,
  commitSeconds: 0.01,
  /** Of a row, in Postgres. */
  databaseRowSeconds: 100e-6,
  apiRequestSeconds: 0.05,
  authorizeSeconds: 0.01,
  /** Of all readers together. */
  apiRequestsPerSecond: 1,
  /** WebSocket clients that are connected around the clock, each to all symbols. */
  webSocketClients: 10,
  postSeconds: 0.01,
  /** The bars of a minute come within that many seconds where symbols trade often: shards are for that. */
  barBurstSeconds: 1,
  /** The last of them that many seconds after the first. */
  barSpreadSeconds: 5,
  /** What a shard may be filled to. */
  shardFill: 0.8,
} as const

/** Computes the usage of each service under a load. */
export function usageOf(config: Config, load: Load): Usage {
  const { encoding = 'compact', batchSeconds = DESIGN.feedBatchSeconds } = load
  const recordRate = Math.min(load.ticksPerSecond, 1 / batchSeconds)
  const tickRecords = load.symbols * recordRate
  const { frame, tick } = RECORD_BYTES[encoding]
  const bytesOfRecord = frame + (tick * load.ticksPerSecond) / recordRate
  const tickBytes = tickRecords * bytesOfRecord
  const tickShards = shardsFor(config.tickShards, tickRecords, tickBytes)
  const barShards = shardsFor(config.barShards, load.symbols / ASSUMED.barBurstSeconds, 0)
  const aggregator = aggregatorUsage(config, load, { shards: tickShards, tickRecords, bytesOfRecord })
  const bars = load.symbols / 60
  const signalRecords = bars * MEASURED.signalsPerBar
  const burst = (MEASURED.signalsPerBar * load.symbols) / ASSUMED.barBurstSeconds
  const signalShards = shardsFor(config.signalShards, burst, 0)
  const archiver = archiverUsage(config, load, { shards: tickShards, tickRecords, bytesOfRecord })
  const alerter = alerterUsage(config, { shards: barShards + signalShards, bars, signalRecords })
  const broadcast = broadcastUsage(config, { shards: barShards + signalShards, bars, signalRecords })
  return {
    tickShards,
    tickRecords,
    tickBytes,
    barShards,
    bars,
    signalShards,
    signalRecords,
    apiRequests: ASSUMED.apiRequestsPerSecond,
    clients: broadcast.clients,
    messages: broadcast.messages,
    archiveObjects: archiver?.invocations ?? 0,
    archiveBytes: archiver === undefined ? 0 : load.symbols * load.ticksPerSecond * MEASURED.archivedTrade,
    // The sweeper reads all states twice a minute; the analytics read and write their own once a bar.
    stateWrites: aggregator.commits + bars * unitsOf('write'),
    stateReads:
      (DESIGN.sweepsPerMinute * load.symbols * MEASURED.stateBytes) / UNIT_BYTES.read / 60 +
      bars * unitsOf('read') +
      broadcast.reads +
      (config.archive === 'on' ? JOBS.invocations : 0) +
      (alerter === undefined ? 0 : ALERTER_READS * alerter.invocations),
    functions: {
      aggregator: aggregator.usage,
      sweeper: {
        invocations: 1 / 60,
        seconds: (DESIGN.sweeperWaitSeconds + deliverySeconds(config.latency)) / 60,
        memoryGb: SWEEPER_MEMORY[config.latency] / 1024,
      },
      analytics: burstUsage(config, {
        shards: barShards,
        work: bars * onLambda(HANDLER_SECONDS.bar, MEMORY_MB),
      }),
      'bar-writer': burstUsage(config, {
        shards: barShards + signalShards,
        work: (bars + signalRecords) * rowSeconds(),
      }),
      ...(archiver && { archiver, jobs: JOBS }),
      ...(alerter && { alerter }),
      ...(broadcast.usage && { broadcaster: broadcast.usage }),
      api: {
        invocations: ASSUMED.apiRequestsPerSecond,
        seconds: ASSUMED.apiRequestsPerSecond * ASSUMED.apiRequestSeconds,
        memoryGb: 1,
      },
      ...(config.access !== 'keys' && { authorizer: AUTHORIZER }),
    },
  }
}

/** Idle: each minute it reads which jobs are open. */
const JOBS: FunctionUsage = {
  invocations: 1 / 60,
  seconds: ASSUMED.invocationSeconds / 60,
  memoryGb: MEMORY_GB,
}

/** Reads of the rules, which are few, in a call. */
const ALERTER_READS = 1

/** Each batch is compared with the rules, and each minute it looks for what is to be delivered. What fires is not counted. */
function alerterUsage(
  config: Config,
  stream: { readonly shards: number; readonly bars: number; readonly signalRecords: number },
): FunctionUsage | undefined {
  if (config.alerts === 'off') return undefined
  const records = stream.bars + stream.signalRecords
  const batches = burstUsage(config, {
    shards: stream.shards,
    work: records * onLambda(HANDLER_SECONDS.judgedRecord, MEMORY_MB),
  })
  return {
    ...batches,
    invocations: batches.invocations + JOBS.invocations,
    seconds: batches.seconds + JOBS.seconds,
  }
}

/** It is asked for each request. */
const AUTHORIZER: FunctionUsage = {
  invocations: ASSUMED.apiRequestsPerSecond,
  seconds: ASSUMED.apiRequestsPerSecond * ASSUMED.authorizeSeconds,
  memoryGb: MEMORY_GB,
}

/** Of an item of the analytics. */
function unitsOf(access: keyof typeof UNIT_BYTES): number {
  return Math.ceil(MEASURED.analysisBytes / UNIT_BYTES[access])
}

/** Each batch reads the connections, which are few, in one request, and sends each of them at least one message. */
function broadcastUsage(
  config: Config,
  stream: { readonly shards: number; readonly bars: number; readonly signalRecords: number },
): {
  readonly clients: number
  readonly messages: number
  readonly reads: number
  readonly usage: FunctionUsage | undefined
} {
  if (config.websocket === 'off') return { clients: 0, messages: 0, reads: 0, usage: undefined }
  const { webSocketClients: clients, postSeconds } = ASSUMED
  const bytes = stream.bars * MEASURED.barText + stream.signalRecords * MEASURED.signalText
  const batches = burstUsage(config, { shards: stream.shards, work: 0 }).invocations
  const messages = clients * Math.max(batches, bytes / MESSAGE_BYTES)
  return {
    clients,
    messages,
    reads: batches * Math.ceil((clients * MEASURED.connectionBytes) / UNIT_BYTES.read),
    usage: burstUsage(config, { shards: stream.shards, work: messages * postSeconds }),
  }
}

/** Consumers of what comes once a minute. */
function burstUsage(
  { latency }: Config,
  { shards, work }: { readonly shards: number; readonly work: number },
): FunctionUsage {
  const wait = Math.max(DESIGN.pollSeconds, BATCH_WINDOW_SECONDS[latency])
  const invocations = (shards * Math.ceil(ASSUMED.barSpreadSeconds / wait)) / 60
  const seconds = invocations * ASSUMED.invocationSeconds + work
  return { invocations, seconds, memoryGb: MEMORY_GB }
}

/** Each batch commits each of its symbols once: the longer it gathers, the fewer writes. */
function aggregatorUsage(
  { latency }: Config,
  load: Load,
  stream: TickStream,
): { readonly usage: FunctionUsage; readonly commits: number } {
  const { recordsOfBatch, invocations } = batchesOf(stream, {
    wait: Math.max(DESIGN.pollSeconds, BATCH_WINDOW_SECONDS[latency]),
    size: BATCH_SIZE[latency],
  })
  const symbolsOfBatch = Math.min(load.symbols / stream.shards, recordsOfBatch)
  const secondsOfBatch = aggregationSeconds(symbolsOfBatch)
  const ticks = load.symbols * load.ticksPerSecond
  return {
    usage: {
      invocations,
      seconds: invocations * secondsOfBatch + ticks * onLambda(HANDLER_SECONDS.trade, MEMORY_MB),
      memoryGb: MEMORY_GB,
    },
    commits: invocations * symbolsOfBatch,
  }
}

/** Each batch makes an object, and two when an hour ends in it, which is seldom. */
function archiverUsage(config: Config, load: Load, stream: TickStream): FunctionUsage | undefined {
  if (config.archive === 'off') return undefined
  const { invocations } = batchesOf(stream, {
    wait: Math.max(DESIGN.pollSeconds, config.archiveWindowSeconds),
    size: ARCHIVE_BATCH_SIZE,
  })
  const ticks = load.symbols * load.ticksPerSecond
  const seconds =
    invocations * ASSUMED.invocationSeconds + ticks * onLambda(HANDLER_SECONDS.archivedTrade, ARCHIVER_MB)
  return { invocations, seconds, memoryGb: 1 }
}

type TickStream = { readonly shards: number; readonly tickRecords: number; readonly bytesOfRecord: number }

/** The batches of a consumer of `ticks`, by what they wait for and what they may hold. */
function batchesOf(
  stream: TickStream,
  { wait, size }: { readonly wait: number; readonly size: number },
): { readonly recordsOfBatch: number; readonly invocations: number } {
  const ofShard = stream.tickRecords / stream.shards
  const mostRecords = Math.min(
    size,
    DESIGN.invocationBytes / ((stream.bytesOfRecord * 4) / 3 + DESIGN.envelopeBytes),
  )
  const recordsOfBatch = Math.min(ofShard * wait, mostRecords)
  return { recordsOfBatch, invocations: (stream.shards * ofShard) / recordsOfBatch }
}

function shardsFor(configured: number, records: number, bytes: number): number {
  const { recordsPerShard, bytesPerShard } = LIMITS.kinesis
  const needed = Math.max(records / recordsPerShard, bytes / bytesPerShard) / ASSUMED.shardFill
  return Math.max(configured, Math.ceil(needed))
}
