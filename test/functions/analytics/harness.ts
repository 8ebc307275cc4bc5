import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda'

import { createAnalytics } from '../../../functions/analytics/analytics.ts'
import { createStateCodec } from '../../../functions/analytics/state-codec.ts'
import type { Analysis } from '../../../functions/domain/analysis.ts'
import { ONE, valueAt } from '../../../functions/domain/series.ts'
import { readAnalysis } from '../../../functions/shared/runtime/analysis-fields.ts'
import type { BarRecord, SignalRecord } from '../../../functions/shared/streams/records.ts'
import { kinesisRecord } from '../../support/kinesis-event.ts'
import { createMemoryStateStore } from '../../support/memory-state-store.ts'
import { bar } from '../bar-writer/bars.ts'

/** Unix milliseconds. */
export const NOW = 1_762_795_500_140
const UNLUCKY = 13

export const plain = readAnalysis({
  indicators: 'sma(2) obv vwap',
  patterns: 'engulfing',
  vwapAnchor: 'UTC 00:00',
})

/** An analysis with a fault in each of its indicators: none can take a close of 13. */
export const faulty: Analysis = {
  ...plain,
  indicators: plain.indicators.map((selected) => ({
    ...selected,
    indicator: {
      ...selected.indicator,
      take(state, frame, at) {
        const { closes, count } = frame.series
        if (valueAt(closes, count - 1) === UNLUCKY * ONE) throw new Error('an indicator cannot take 13')
        selected.indicator.take(state, frame, at)
      },
    },
  })),
}

/** The function with its state in memory, and all that it says. */
export class AnalyticsFunction {
  signals: SignalRecord[] = []
  readonly counted: Readonly<Record<string, number>>[] = []
  readonly noted: Readonly<Record<string, string>>[] = []
  readonly logged: { readonly message: string; readonly details: Readonly<Record<string, unknown>> }[] = []
  readonly run: (event: KinesisStreamEvent) => Promise<unknown>

  constructor(analysis: Analysis) {
    const store = createMemoryStateStore(createStateCodec(analysis))
    const sink = async (given: ReadonlyMap<string, readonly SignalRecord[]>) => {
      this.signals.push(...[...given.values()].flat())
    }
    const log = (message: string, details: Readonly<Record<string, unknown>>) =>
      this.logged.push({ message, details })
    const count = (counts: Readonly<Record<string, number>>, notes: Readonly<Record<string, string>>) => {
      this.counted.push(counts)
      this.noted.push(notes)
    }
    const parts = { analysis, latenessSeconds: 120, store, sink, now: () => NOW }
    this.run = createAnalytics(parts, { logger: { warn: log, error: log }, count })
  }
}

/** A bar that did not move, at a minute after 17:00. */
export function flat(symbol: string, minute: number, price: number): BarRecord {
  const prices = { open: `${price}`, high: `${price}`, low: `${price}`, close: `${price}`, vwap: `${price}` }
  const timestamp = `2025-11-10T17:${String(minute).padStart(2, '0')}:00Z`
  return bar({ symbol, timestamp, ...prices, volume: '1', closed_at: NOW - 1000 + minute })
}

/** Records of a shard in this order, under their symbols or under a key of its own. */
export function recordsOf(
  bars: readonly (BarRecord | SignalRecord | string)[],
  partitionKey?: string,
): KinesisStreamRecord[] {
  return bars.map((each, sequence) =>
    kinesisRecord({
      data: typeof each === 'string' ? each : JSON.stringify(each),
      partitionKey: partitionKey ?? (typeof each === 'string' ? 'none' : each.symbol),
      sequence,
      arrivedAt: NOW,
    }),
  )
}

/** Three symbols, of which B cannot be analysed by what is faulty. */
export const BATCH = [
  flat('A', 0, 10),
  flat('B', 0, UNLUCKY),
  flat('A', 1, 11),
  flat('B', 1, 12),
  flat('C', 1, 12),
]
