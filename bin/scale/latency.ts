import { type Random, sfc32 } from '../../feed/random.ts'
import type { Config } from '../../lib/config/config.ts'
import { BATCH_SIZE, BATCH_WINDOW_SECONDS } from '../../lib/batching.ts'
import { aggregationSeconds, ASSUMED, type Load, rowSeconds, type Usage } from '../cost/usage.ts'
import { LIMITS } from './limits.ts'

/** Seconds from the trade that closes a bar to its row. */
export type Latency = { readonly p50: number; readonly p99: number; readonly most: number }

const MINUTES = 30
const PUT_SECONDS = 0.02
/** Lambda reads a shard once a second; a push takes some milliseconds. */
const POLL_SECONDS = { lowest: 0.07, low: 1, economy: 1 } as const

/** A record that waits on a shard, with the time at which its bar closed. */
type Waiting = { readonly at: number; readonly closed: number }

/** Simulates ends of minutes, from the trades after them to the rows, with the measured and assumed times of `bin/cost/`. */
export function simulateLatency(config: Config, load: Load, usage: Usage): Latency {
  const random = sfc32([load.symbols, load.ticksPerSecond, usage.tickShards, usage.barShards])
  const all: number[] = []
  for (let minute = 0; minute < MINUTES; minute++) all.push(...minuteOf(config, load, { usage, random }))
  const sorted = Float64Array.from(all).toSorted()
  const quantile = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return { p50: quantile(0.5), p99: quantile(0.99), most: quantile(1) }
}

type Given = { readonly usage: Usage; readonly random: Random }

function minuteOf(config: Config, load: Load, { usage, random }: Given): number[] {
  const { batchSeconds = 0.1 } = load
  const ofShard = Math.ceil(load.symbols / usage.tickShards)
  const bars: Waiting[] = []
  for (let first = 0; first < load.symbols; first += ofShard) {
    const count = Math.min(ofShard, load.symbols - first)
    // The first trade of the next minute closes a bar; its record is put when it is as old as a batch.
    const waiting = Array.from({ length: count }, () => {
      const closed = -Math.log(1 - random()) / load.ticksPerSecond
      return { at: closed + batchSeconds, closed }
    })
    const busy = aggregationSeconds(Math.min(count, count * load.ticksPerSecond))
    bars.push(...read(waiting, { config, random, secondsOf: () => busy, throughput: Infinity }))
  }
  const shards = Array.from({ length: usage.barShards }, (): Waiting[] => [])
  for (const bar of bars) shards[Math.floor(random() * usage.barShards)]?.push(bar)
  const secondsOf = (rows: number): number => ASSUMED.invocationSeconds + rows * rowSeconds()
  const throughput = LIMITS.kinesis.recordsPerShard
  return shards.flatMap((shard) =>
    read(shard, { config, random, secondsOf, throughput }).map(({ at, closed }) => at - closed),
  )
}

type Reader = {
  readonly config: Config
  readonly random: Random
  /** How long a batch takes. */
  readonly secondsOf: (records: number) => number
  /** Records that the shard takes in a second. */
  readonly throughput: number
}

/** What a function makes of the records of a shard: batch after batch, each as long as it takes. */
function read(
  records: readonly Waiting[],
  { config: { latency }, random, secondsOf, throughput }: Reader,
): Waiting[] {
  let taken = -Infinity
  const queue = records
    .toSorted((one, other) => one.at - other.at)
    .map(({ at, closed }) => ({ at: (taken = Math.max(at, taken + 1 / throughput)), closed }))
  const done: Waiting[] = []
  const wait = Math.max(POLL_SECONDS[latency], BATCH_WINDOW_SECONDS[latency])
  let now = random() * wait
  for (let next = 0; next < queue.length;) {
    const batch: Waiting[] = []
    for (
      ;
      next < queue.length && batch.length < BATCH_SIZE[latency] && (queue[next]?.at ?? 0) <= now;
      next++
    ) {
      const record = queue[next]
      if (record !== undefined) batch.push(record)
    }
    const end = now + (batch.length === 0 ? 0 : secondsOf(batch.length) + PUT_SECONDS)
    for (const { closed } of batch) done.push({ at: end, closed })
    now = Math.max(end, now + wait)
  }
  return done
}
