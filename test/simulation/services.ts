import { createStateCodec } from '../../functions/analytics/state-codec.ts'
import { DEFAULT_PATTERNS } from '../../functions/domain/patterns/table.ts'
import type { RejectedRecord, RejectionKind } from '../../functions/shared/dead-letters/dead-letters.ts'
import { readAnalysis } from '../../functions/shared/runtime/analysis-fields.ts'
import { VirtualClock } from '../feed/virtual-clock.ts'
import { MemoryBucket } from '../functions/compactor/memory-bucket.ts'
import { MemoryDatabase } from '../support/memory-database.ts'
import { createMemoryStateStore } from '../support/memory-state-store.ts'
import { Dice } from './dice.ts'
import { Network } from './network.ts'
import { type Plan, planOf } from './plan.ts'
import { Stream } from './stream.ts'
import { MinuteTable } from './tables.ts'
import { Trace } from './trace.ts'

/** 2025-10-10T14:32:00Z: a run ends in the hour in which it begins, or in the next. */
const BEGIN = 1_760_106_720_000

const analysis = readAnalysis({
  indicators: 'sma(3) ema(4) rsi(3) macd(2,4,3) bollinger(4,2) atr(3) adx(3) stochastic(4,2,2) obv vwap',
  patterns: DEFAULT_PATTERNS,
  vwapAnchor: 'UTC 00:00',
})

/** All that lasts when instances die: streams, tables, database, buckets; and the clock, dice and network of a seed. */
export class Services {
  readonly clock = new VirtualClock(BEGIN)
  readonly trace: Trace
  readonly plan: Plan
  readonly dice: Dice
  readonly network: Network
  readonly analysis = analysis
  readonly ticks: Stream
  readonly bars: Stream
  readonly signals: Stream
  readonly minutes: MinuteTable
  readonly states = createMemoryStateStore(createStateCodec(analysis))
  readonly database = new MemoryDatabase()
  readonly bucket = new MemoryBucket()
  /** Sequence numbers of records of `ticks` of which something was dead-lettered. */
  readonly deadLettered = new Set<string>()

  constructor(seed: number, print?: (line: string) => void) {
    this.trace = new Trace(() => this.clock.now(), print)
    this.minutes = new MinuteTable(this.trace)
    this.plan = planOf(seed)
    this.dice = new Dice(seed, 'services')
    const { clock, trace, plan } = this
    this.network = new Network(clock, { trace, dice: new Dice(seed, 'network'), share: plan.faults })
    const streamOf = (name: string): Stream =>
      new Stream(name, { shards: plan.shards, clock, trace, dice: new Dice(seed, name) })
    this.ticks = streamOf('ticks')
    this.bars = streamOf('bars')
    this.signals = streamOf('signals')
    this.bars.onRecord = (record) => this.minutes.take(record)
    for (const stream of this.streams) stream.refused = plan.refused
  }

  get streams(): readonly Stream[] {
    return [this.ticks, this.bars, this.signals]
  }

  deadLetter(rejected: readonly RejectedRecord[], kind: RejectionKind): void {
    for (const { record, rejections } of rejected) {
      const [first] = rejections
      const isExpected = first?.reason === 'too-late' || first?.reason === 'unknown-trade'
      if (!isExpected) this.trace.violate(`${kind}: ${first?.detail}`)
      if (first.reason === 'too-late') this.trace.reach('trade too late', rejections.length)
      this.deadLettered.add(record.kinesis.sequenceNumber)
    }
  }
}
